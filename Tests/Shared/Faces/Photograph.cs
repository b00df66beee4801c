using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

/// <summary>A real photograph, where the machine has it.</summary>
internal sealed class Photograph : IDisposable
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data");

    private readonly SKBitmap bitmap;

    public Photograph(string name)
    {
        string path = Path.Combine(Data, "photos", name);
        Assert.SkipUnless(File.Exists(path), "the photographs are not here");
        bitmap = SKBitmap.Decode(path);
    }

    private Photograph(SKBitmap bitmap) => this.bitmap = bitmap;

    /// <summary>The network that comes with the package, as a file.</summary>
    public static string YuNet { get; } = Path.Combine(AppContext.BaseDirectory, "../../../../onnx/face_detection_yunet_2026may.onnx");

    /// <summary>All photographs here.</summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            string folder = Path.Combine(Data, "photos");
            Assert.SkipUnless(Directory.Exists(folder), "the photographs are not here");
            return [.. Directory.EnumerateFiles(folder, "*.jpg").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
    }

    public ImageView View => new(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelFormat.Bgra32, bitmap.RowBytes);

    /// <summary>An enlarged crop around a face, with a margin in multiples of the face's side.</summary>
    public Photograph CloseUp(Box face, double margin, int width, out Box faceThere)
    {
        int beyond = (int)(margin * face.Width);
        var part = SKRectI.Create(face.X - beyond, face.Y - beyond, face.Width + (2 * beyond), face.Height + (2 * beyond));
        part.Intersect(SKRectI.Create(bitmap.Width, bitmap.Height));
        using var cut = new SKBitmap();
        Assert.True(bitmap.ExtractSubset(cut, part));
        double scale = (double)width / part.Width;
        faceThere = new Box(
            (int)((face.X - part.Left) * scale), (int)((face.Y - part.Top) * scale), (int)(face.Width * scale), (int)(face.Height * scale));
        return new Photograph(cut.Resize(new SKImageInfo(width, (int)(part.Height * scale), SKColorType.Bgra8888), SKFilterQuality.High));
    }

    /// <summary>The photograph made smaller or larger.</summary>
    public Photograph Resized(double scale) =>
        new(bitmap.Resize(new SKImageInfo((int)(bitmap.Width * scale), (int)(bitmap.Height * scale), SKColorType.Bgra8888), SKFilterQuality.High));

    /// <summary>The photograph, at most 700 pixels a side, turned clockwise on gray.</summary>
    public Photograph Turned(int degrees)
    {
        var canvas = new SKBitmap(1000, 1000, SKColorType.Bgra8888, SKAlphaType.Opaque);
        using var drawing = new SKCanvas(canvas);
        using var paint = new SKPaint { FilterQuality = SKFilterQuality.High };
        drawing.Clear(SKColors.Gray);
        drawing.Translate(500, 500);
        drawing.RotateDegrees(degrees);
        drawing.Scale(700f / Math.Max(bitmap.Width, bitmap.Height));
        drawing.DrawBitmap(bitmap, -bitmap.Width / 2f, -bitmap.Height / 2f, paint);
        return new Photograph(canvas);
    }

    /// <summary>The same pixels as a file.</summary>
    public byte[] ToPng()
    {
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    public void Dispose() => bitmap.Dispose();
}
