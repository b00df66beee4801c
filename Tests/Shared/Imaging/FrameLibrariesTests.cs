using System.Drawing;
using System.Drawing.Imaging;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Microsoft.ML.Data;
using MlNetEmotion.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;
using Xunit;
using Format = System.Drawing.Imaging.PixelFormat;
using Image = SixLabors.ImageSharp.Image;
using PixelFormat = MlNetEmotion.Imaging.PixelFormat;
using Point = System.Drawing.Point;
using Rectangle = System.Drawing.Rectangle;

namespace MlNetEmotion.Tests.Shared.Imaging;

/// <summary>The lines of docs/frames.md.</summary>
public sealed unsafe class FrameLibrariesTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.png");

    public FrameLibrariesTests()
    {
        // Three pixels whose channels differ: an order that is mixed up shows. One row more, so that a wrong stride does.
        using var bitmap = new SKBitmap(3, 2, SKColorType.Bgra8888, SKAlphaType.Opaque);
        bitmap.Pixels = [new(10, 20, 30), new(200, 100, 50), new(0, 0, 255), new(1, 2, 3), new(255, 0, 0), new(9, 8, 7)];
        using var file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Bytes_InMemory_AreSeenAsTheyAre()
    {
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        byte[] bytes = [30, 20, 10, 50, 100, 200, 255, 0, 0, 3, 2, 1, 0, 0, 255, 7, 8, 9];
        (int width, int height) = (3, 2);
        var photo = new ImageMemory(bytes, width, height, PixelFormat.Bgr24);
        EmotionScores scores = classifier.Classify(photo);
        AssertIsThePicture(photo.View);
        Assert.Equal(classifier.Classify(photo.View), scores);
    }

    [Fact]
    public void OpenCvSharp_Frame_IsSeenAsItIs()
    {
        using OpenCvSharp.Mat frame = OpenCvSharp.Cv2.ImRead(path);
        var pixels = new ReadOnlySpan<byte>((void*)frame.Data, checked((int)(frame.Step() * frame.Rows)));
        var image = new ImageView(pixels, frame.Width, frame.Height, PixelFormat.Bgr24, (int)frame.Step());
        AssertIsThePicture(image);
    }

    [Fact]
    public void SkiaSharp_Bitmap_IsSeenAsItIs()
    {
        using SKBitmap decoded = SKBitmap.Decode(path);
        using SKBitmap bitmap = decoded.Copy(SKColorType.Bgra8888);
        var image = new ImageView(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelFormat.Bgra32, bitmap.RowBytes);
        AssertIsThePicture(image);
    }

    [Fact]
    public void MlNet_Image_IsSeenAsItIs()
    {
        using MLImage bitmap = MLImage.CreateFromFile(path);
        PixelFormat format = bitmap.PixelFormat == MLPixelFormat.Bgra32 ? PixelFormat.Bgra32 : PixelFormat.Rgba32;
        var image = new ImageView(bitmap.Pixels, bitmap.Width, bitmap.Height, format);
        AssertIsThePicture(image);
    }

    [Fact]
    public void ImageSharp_Picture_IsSeenAsItIs()
    {
        using Image<Bgr24> picture = Image.Load<Bgr24>(path);
        var pixels = new byte[picture.Width * picture.Height * 3]; picture.CopyPixelDataTo(pixels);
        var image = new ImageView(pixels, picture.Width, picture.Height, PixelFormat.Bgr24);
        AssertIsThePicture(image);
    }

    [Fact]
    [SupportedOSPlatform("windows")]
    public void SystemDrawing_Bitmap_IsSeenAsItIs()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "System.Drawing runs on Windows only; elsewhere this test just compiles.");
        using var bitmap = new Bitmap(path);
        BitmapData data = bitmap.LockBits(new Rectangle(Point.Empty, bitmap.Size), ImageLockMode.ReadOnly, Format.Format24bppRgb);
        var image = new ImageView(new ReadOnlySpan<byte>((void*)data.Scan0, data.Stride * data.Height), data.Width, data.Height, PixelFormat.Bgr24, data.Stride);
        AssertIsThePicture(image);
        bitmap.UnlockBits(data);
    }

    [Fact]
    public void Page_SaysWhatIsCompiledHere()
    {
        string[] source = [.. File.ReadLines(SourceFile()).Select(line => line.Trim())];
        string page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../../docs/frames.md"));
        string[] code = [.. File.ReadLines(page).SkipWhile(line => line != "```csharp").TakeWhile(line => !line.StartsWith("**Emgu", StringComparison.Ordinal))];
        code = [.. code.Where(line => line.StartsWith("using ", StringComparison.Ordinal) || line.EndsWith(';'))];

        Assert.Equal(17, code.Length);
        Assert.Empty(code.Except(source));
    }

    // BT.601 by hand, rounded: 0.299 R + 0.587 G + 0.114 B.
    private static void AssertIsThePicture(ImageView image)
    {
        Assert.Equal((3, 2), (image.Width, image.Height));
        int[] expected = [18, 124, 29, 2, 76, 8];
        for (int i = 0; i < expected.Length; i++)
        {
            var gray = new int[1];
            Luma.Convert(image, i % 3, i / 3, gray);
            Assert.Equal(expected[i], gray[0]);
        }
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;
}
