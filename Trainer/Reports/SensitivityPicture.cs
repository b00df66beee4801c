using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Draws a map over its face: orange where the model looks, blue where what it sees speaks against its answer.</summary>
internal static class SensitivityPicture
{
    private const int Scale = 3;
    private const int Size = Scale * FacePreprocessor.Size;

    /// <summary>A fall of the probability by this much is drawn as strongly as any: below, a map fades to what it is, noise.</summary>
    private const float StrongFall = 0.1f;

    private const double StrongestTint = 0.75;
    private static readonly (int R, int G, int B) For = (255, 122, 0);
    private static readonly (int R, int G, int B) Against = (0, 110, 255);

    /// <summary>Draws.</summary>
    /// <param name="face">uint8 [48, 48], gray.</param>
    /// <param name="map">float32 [48, 48], each in [-1, 1].</param>
    /// <returns>A PNG file's bytes, three times the face's size.</returns>
    public static byte[] ToPng(ReadOnlySpan<byte> face, float[] map)
    {
        using Mat gray = Mat.FromPixels(new ImageView(face, FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8));
        using Mat tints = Mat.FromPixels(new ImageView(Tints(map), FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8));
        using var largeGray = new Mat();
        using var largeTints = new Mat();
        gray.ResizeTo(largeGray, Size, Size, Interpolation.Linear);
        tints.ResizeTo(largeTints, Size, Size, Interpolation.Linear);
        ReadOnlySpan<byte> values = largeGray.View.Pixels;
        ReadOnlySpan<byte> amounts = largeTints.View.Pixels;
        var pixels = new byte[3 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Blend(values[i], (amounts[i] - 128) / 127.0, pixels.AsSpan(3 * i, 3));
        }

        using Mat picture = Mat.FromPixels(new ImageView(pixels, Size, Size, PixelFormat.Rgb24));
        return picture.Encode(".png");
    }

    /// <summary>A map as gray levels: 128 is nothing, 255 the strongest for and 1 the strongest against.</summary>
    private static byte[] Tints(float[] map)
    {
        float strongest = Math.Max(map.Max(MathF.Abs), StrongFall);
        return [.. map.Select(value => (byte)MathF.Round(128 + (127 * value / strongest)))];
    }

    private static void Blend(byte gray, double amount, Span<byte> rgb)
    {
        (int r, int g, int b) = amount >= 0 ? For : Against;
        double tint = StrongestTint * Math.Min(Math.Abs(amount), 1);
        rgb[0] = (byte)(gray + (tint * (r - gray)));
        rgb[1] = (byte)(gray + (tint * (g - gray)));
        rgb[2] = (byte)(gray + (tint * (b - gray)));
    }
}
