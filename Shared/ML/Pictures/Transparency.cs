namespace MlNetEmotion.Pictures;

/// <summary>The one rule for transparency: a picture is put on white, as viewers and browsers show it. Its hidden colours are not seen.</summary>
internal static class Transparency
{
    private const int PixelBytes = 4;

    /// <summary>Puts a picture on white, in place; its alpha becomes 255.</summary>
    /// <param name="pixels">Three colours and alpha, 8 bits each.</param>
    /// <param name="isPremultiplied">Whether the colours are multiplied by alpha already.</param>
    public static void PutOnWhite(Span<byte> pixels, bool isPremultiplied = false)
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

    /// <summary>Whether every pixel's alpha is the same.</summary>
    public static bool IsEverywhere(ReadOnlySpan<byte> pixels, byte alpha)
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

    /// <summary>Whether colours may be multiplied by alpha: none is larger. Cameras' frames with an unused fourth byte are seen by this.</summary>
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
