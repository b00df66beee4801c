using MlNetEmotion.Imaging;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

/// <summary>A real photograph, and the network that finds faces in it, where the machine has them.</summary>
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

    public static string YuNet
    {
        get
        {
            string folder = Path.Combine(Data, "models");
            string? model = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*yunet*.onnx").FirstOrDefault() : null;
            Assert.SkipWhen(model is null, "the YuNet network is not here");
            return model!;
        }
    }

    public ImageView View => new(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelFormat.Bgra32, bitmap.RowBytes);

    public void Dispose() => bitmap.Dispose();
}
