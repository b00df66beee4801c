using SkiaSharp;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Encodes faces as PNG files.</summary>
internal static class FacePng
{
    /// <summary>The minimum drop in probability that is drawn in full colour; smaller maximums are drawn paler, because such maps are mostly noise.</summary>
    private const float MinColorScale = 0.1f;

    private const float MaxTint = 0.75f;
    private const int MapScale = 3;
    private static readonly SKColor For = new(255, 122, 0);
    private static readonly SKColor Against = new(0, 110, 255);

    /// <summary>Returns a face, uint8 [48, 48], gray, as a PNG file's bytes.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> face)
    {
        using SKImage image = Image(face);
        return Encode(image);
    }

    /// <summary>
    /// Returns a face at three times its size with a sensitivity map over it, as a PNG file's bytes: orange marks pixels that support the prediction, blue
    /// those that contradict it.
    /// </summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="map">float32 [48, 48], each in [-1, 1].</param>
    public static byte[] Encode(ReadOnlySpan<byte> face, float[] map)
    {
        const int Size = MapScale * FacePreprocessor.Size;
        float strongest = Math.Max(map.Max(MathF.Abs), MinColorScale);
        using var tints = new SKBitmap(FacePreprocessor.Size, FacePreprocessor.Size, SKColorType.Bgra8888, SKAlphaType.Unpremul);
        tints.Pixels = [.. map.Select(value =>
            (value >= 0 ? For : Against).WithAlpha((byte)MathF.Round(255 * MaxTint * MathF.Abs(value) / strongest)))];

        using SKImage image = Image(face);
        using SKImage overlay = SKImage.FromBitmap(tints);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(Size, Size, SKColorType.Bgra8888, SKAlphaType.Opaque));
        using var smooth = new SKPaint { FilterQuality = SKFilterQuality.Low };
        surface.Canvas.DrawImage(image, SKRect.Create(Size, Size), smooth);
        surface.Canvas.DrawImage(overlay, SKRect.Create(Size, Size), smooth);
        using SKImage blended = surface.Snapshot();
        return Encode(blended);
    }

    public static SKImage Image(ReadOnlySpan<byte> face) =>
        SKImage.FromPixelCopy(new SKImageInfo(FacePreprocessor.Size, FacePreprocessor.Size, SKColorType.Gray8, SKAlphaType.Opaque), face);

    /// <summary>Returns an image as a PNG file's bytes.</summary>
    public static byte[] Encode(SKImage image)
    {
        using SKData data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }
}
