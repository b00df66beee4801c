using System.Drawing;
using System.Drawing.Imaging;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Imaging;
using MlNetEmotion.Images;
using MlNetEmotion.Tests.Shared.ML.Images;
using MlNetEmotion.Tests.Trainer.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
using SkiaSharp;
using Xunit;
using Format = System.Drawing.Imaging.PixelFormat;
using Image = SixLabors.ImageSharp.Image;
using Point = System.Drawing.Point;
using Rectangle = System.Drawing.Rectangle;

namespace MlNetEmotion.Tests.Shared.Imaging;

/// <summary>The lines of docs/frames.md.</summary>
public sealed unsafe class FrameLibrariesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bytes_InMemory_AreSeenAsTheyAre()
    {
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        byte[] bytes = [30, 20, 10, 50, 100, 200, 255, 0, 0, 3, 2, 1, 0, 0, 255, 7, 8, 9];
        (int width, int height) = (3, 2);
        var photo = new ImageMemory(bytes, width, height, PixelFormat.Bgr24);
        EmotionScores scores = classifier.Classify(photo);
        AssertIsTheImage(photo.View);
        Assert.Equal(classifier.Classify(photo.View), scores);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    [InlineData("clear.png")]
    public void ImageFile_Image_IsSeenUprightAndOnWhite(string name)
    {
        string path = Write(name);
        ImageMemory upright = ImageFile.Load(path);
        AssertIsTheImage(upright.View, name);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    public void OpenCvSharp_Frame_IsSeenAsItIs(string name)
    {
        string path = Write(name);
        using OpenCvSharp.Mat frame = OpenCvSharp.Cv2.ImRead(path);
        var pixels = new ReadOnlySpan<byte>((void*)frame.Data, checked((int)(frame.Step() * frame.Rows)));
        var image = new ImageView(pixels, frame.Width, frame.Height, PixelFormat.Bgr24, (int)frame.Step());
        AssertIsTheImage(image, name);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    [InlineData("clear.png")]
    public void SkiaSharp_Image_IsSeenUprightAndOnWhite(string name)
    {
        string path = Write(name);
        using SKImage photo = SKImage.FromEncodedData(path);
        using var bitmap = new SKBitmap(photo.Width, photo.Height, SKColorType.Bgra8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap)) { canvas.Clear(SKColors.White); canvas.DrawImage(photo, 0, 0); }
        var image = new ImageView(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelFormat.Bgra32, bitmap.RowBytes);
        AssertIsTheImage(image, name);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    [InlineData("clear.png")]
    public void MlNet_Image_IsSeenUprightAndOnWhite(string name)
    {
        var ml = new MLContext();
        IDataView files = ml.Data.LoadFromEnumerable(new[] { new ImagePathRow { ImagePath = Write(name) } });
        ITransformer loader = ml.Transforms.LoadUprightImages("Image", imageFolder: null, inputColumnName: "ImagePath").Fit(files);
        using MLImage bitmap = loader.Transform(files).GetColumn<MLImage>("Image").First();
        PixelFormat format = bitmap.PixelFormat == MLPixelFormat.Bgra32 ? PixelFormat.Bgra32 : PixelFormat.Rgba32;
        var image = new ImageView(bitmap.Pixels, bitmap.Width, bitmap.Height, format);
        AssertIsTheImage(image, name);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    [InlineData("clear.png")]
    public void ImageSharp_Image_IsSeenUprightAndOnWhite(string name)
    {
        string path = Write(name);
        using Image<Rgba32> photo = Image.Load<Rgba32>(path);
        photo.Mutate(steps => steps.AutoOrient().BackgroundColor(SixLabors.ImageSharp.Color.White));
        var pixels = new byte[photo.Width * photo.Height * 4]; photo.CopyPixelDataTo(pixels);
        var image = new ImageView(pixels, photo.Width, photo.Height, PixelFormat.Rgba32);
        AssertIsTheImage(image, name);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("turned.jpg")]
    [InlineData("clear.png")]
    [SupportedOSPlatform("windows")]
    public void SystemDrawing_Bitmap_IsSeenUprightAndOnWhite(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "System.Drawing runs on Windows only; elsewhere this test just compiles.");
        string path = Write(name);
        using var file = new Bitmap(path);
        ReadOnlySpan<int> turns = [0, 0, 4, 2, 6, 5, 1, 7, 3];
        file.RotateFlip((RotateFlipType)turns[file.PropertyIdList.Contains(0x112) ? file.GetPropertyItem(0x112)!.Value![0] : 1]);
        using var bitmap = new Bitmap(file.Width, file.Height, Format.Format24bppRgb);
        using (Graphics canvas = Graphics.FromImage(bitmap)) { canvas.Clear(System.Drawing.Color.White); canvas.DrawImage(file, 0, 0, file.Width, file.Height); }
        BitmapData data = bitmap.LockBits(new Rectangle(Point.Empty, bitmap.Size), ImageLockMode.ReadOnly, Format.Format24bppRgb);
        var image = new ImageView(new ReadOnlySpan<byte>((void*)data.Scan0, data.Stride * data.Height), data.Width, data.Height, PixelFormat.Bgr24, data.Stride);
        AssertIsTheImage(image, name);
        bitmap.UnlockBits(data);
    }

    [Fact]
    public void Page_SaysWhatIsCompiledHere()
    {
        string[] source = [.. File.ReadLines(SourceFile()).Select(line => line.Trim())];
        string page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../../docs/frames.md"));
        string[] code = [.. File.ReadLines(page).SkipWhile(line => line != "```csharp").TakeWhile(line => !line.StartsWith("**Emgu", StringComparison.Ordinal))];
        code = [.. code.Where(line => line.StartsWith("using ", StringComparison.Ordinal) || line.EndsWith(';'))];

        Assert.Equal(25, code.Length);
        Assert.Empty(code.Except(source));
    }

    // Pixels whose channels differ: an order that is mixed up shows. One row more, so that a wrong stride does. A JPEG has 16x16 of each, stored turned
    // by a quarter (EXIF 6); of the transparent one the third pixel is hidden.
    private string Write(string name)
    {
        byte[] rgb = [10, 20, 30, 200, 100, 50, 0, 0, 255, 1, 2, 3, 255, 0, 0, 9, 8, 7];
        if (name != "turned.jpg")
        {
            byte[] rgba = [.. rgb.Chunk(3).SelectMany((pixel, i) => pixel.Append((byte)(name == "clear.png" && i == 2 ? 0 : 255)))];
            return folder.Write(name, ImageBytes.Png(3, 2, 8, 6, rgba));
        }

        // Stored so that a quarter turn to the right makes it upright: the first column, from the bottom, is the upright first row.
        using var bitmap = new SKBitmap(32, 48, SKColorType.Bgra8888, SKAlphaType.Opaque);
        for (int y = 0; y < 48; y++)
        {
            for (int x = 0; x < 32; x++)
            {
                ReadOnlySpan<byte> pixel = rgb.AsSpan(3 * ((x / 16 * 3) + (2 - (y / 16))));
                bitmap.SetPixel(x, y, new SKColor(pixel[0], pixel[1], pixel[2]));
            }
        }

        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100);
        return folder.Write(name, ImageBytes.WithExif(jpeg.ToArray(), 6));
    }

    // BT.601 by hand, rounded: 0.299 R + 0.587 G + 0.114 B.
    private static void AssertIsTheImage(ImageView image, string name = "plain.png")
    {
        (int side, int loss) = name == "turned.jpg" ? (16, 2) : (1, 0);
        Assert.Equal((3 * side, 2 * side), (image.Width, image.Height));
        int[] expected = [18, 124, name == "clear.png" ? 255 : 29, 2, 76, 8];
        for (int i = 0; i < expected.Length; i++)
        {
            var gray = new int[1];
            Luma.Convert(image, (i % 3 * side) + (side / 2), (i / 3 * side) + (side / 2), gray);
            Assert.InRange(gray[0], expected[i] - loss, expected[i] + loss);
        }
    }

    private static string SourceFile([CallerFilePath] string path = "") => path;

    private sealed class ImagePathRow
    {
        public string ImagePath { get; set; } = "";
    }
}
