using System.Numerics.Tensors;
using SkiaSharp;

namespace MlNetEmotion.Trainer.Augmentation;

/// <summary>JPEG compression artefacts: most images were compressed at least once before they are scored.</summary>
internal static class JpegArtefacts
{
    /// <summary>The minimum JPEG quality of augmentation, out of 100.</summary>
    public const int MinQuality = 10;

    /// <summary>The maximum JPEG quality of augmentation, out of 100; above it, artefacts are barely visible.</summary>
    public const int MaxQuality = 75;

    private static readonly SKImageInfo Gray = new(FacePreprocessor.Size, FacePreprocessor.Size, SKColorType.Gray8, SKAlphaType.Opaque);

    /// <summary>Compresses and decodes a face in place, uint8 [48, 48], gray.</summary>
    public static void Apply(Span<byte> face, int quality)
    {
        using SKImage image = SKImage.FromPixelCopy(Gray, face);
        using SKData jpeg = image.Encode(SKEncodedImageFormat.Jpeg, quality);
        using SKBitmap decoded = SKBitmap.Decode(jpeg, Gray);
        decoded.GetPixelSpan().CopyTo(face);
    }

    /// <summary>Compresses and decodes a face in place, float32 [48, 48], each in [0, 255].</summary>
    public static void Apply(Span<float> face, int quality)
    {
        Span<byte> bytes = stackalloc byte[FacePreprocessor.PixelCount];
        AffineWarp.ToBytes(face, bytes);
        Apply(bytes, quality);
        TensorPrimitives.ConvertSaturating<byte, float>(bytes, face);
    }
}
