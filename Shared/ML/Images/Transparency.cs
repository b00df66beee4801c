namespace MlNetEmotion.Images;

/// <summary>The handling of transparency everywhere: images are blended with white, as viewers and browsers show them.</summary>
internal static class Transparency
{
    private const int PixelBytes = 4;

    /// <summary>Blends pixels with white in place and sets alpha to 255.</summary>
    /// <param name="pixels">Three colours and alpha, 8 bits each.</param>
    /// <param name="isPremultiplied">Whether the colours are already multiplied by alpha.</param>
    public static void BlendWithWhite(Span<byte> pixels, bool isPremultiplied = false)
    {
        for (; pixels.Length >= PixelBytes; pixels = pixels[PixelBytes..])
        {
            int alpha = pixels[PixelBytes - 1];
            if (alpha < byte.MaxValue)
            {
                foreach (ref byte value in pixels[..PixelBytes])
                {
                    int color = isPremultiplied ? value : ((value * alpha) + (byte.MaxValue / 2)) / byte.MaxValue;    // rounded
                    value = (byte)Math.Min(color + byte.MaxValue - alpha, byte.MaxValue);
                }

                pixels[PixelBytes - 1] = byte.MaxValue;
            }
        }
    }

    /// <summary>Whether all pixels have this alpha.</summary>
    public static bool IsUniform(ReadOnlySpan<byte> pixels, byte alpha)
    {
        for (int i = PixelBytes - 1; i < pixels.Length; i += PixelBytes)
        {
            if (pixels[i] != alpha)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the colours may be premultiplied: none exceeds alpha. Distinguishes camera frames with an unused fourth byte.</summary>
    public static bool MayBePremultiplied(ReadOnlySpan<byte> pixels)
    {
        for (; pixels.Length >= PixelBytes; pixels = pixels[PixelBytes..])
        {
            if (Math.Max(Math.Max(pixels[0], pixels[1]), pixels[2]) > pixels[PixelBytes - 1])
            {
                return false;
            }
        }

        return true;
    }
}
