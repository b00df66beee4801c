using System.Numerics.Tensors;
using MlNetEmotion.Imaging;
using SkiaSharp;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>Saves faces as JPEG and reads them again, as most pictures were by the time they are scored.</summary>
internal static class JpegArtefacts
{
    /// <summary>The lowest quality of augmentation, of 100.</summary>
    public const int LowestQuality = 10;

    /// <summary>The highest quality of augmentation, of 100: above it there is little to see.</summary>
    public const int HighestQuality = 75;

    private static readonly SKImageInfo Gray = new(FacePreprocessor.Size, FacePreprocessor.Size, SKColorType.Gray8, SKAlphaType.Opaque);

    /// <summary>Changes a face in place, uint8 [48, 48], gray.</summary>
    public static void Apply(Span<byte> face, int quality)
    {
        using SKImage image = SKImage.FromPixelCopy(Gray, face);
        using SKData jpeg = image.Encode(SKEncodedImageFormat.Jpeg, quality);
        using SKBitmap decoded = SKBitmap.Decode(jpeg, Gray);
        decoded.GetPixelSpan().CopyTo(face);
    }

    /// <summary>Changes a face in place, float32 [48, 48], each in [0, 255].</summary>
    public static void Apply(Span<float> face, int quality)
    {
        Span<byte> bytes = stackalloc byte[FacePreprocessor.PixelCount];
        TensorPrimitives.Round<float>(face, face);
        TensorPrimitives.ConvertSaturating<float, byte>(face, bytes);
        Apply(bytes, quality);
        TensorPrimitives.ConvertSaturating<byte, float>(bytes, face);
    }
}
