namespace MlNetEmotion.Imaging;

/// <summary>ITU-R BT.601 luma: 0.299 R + 0.587 G + 0.114 B, rounded, in the 15-bit fixed point of OpenCV's <c>cvtColor</c>.</summary>
internal static class Luma
{
    private const int Bits = 15;
    private const int Half = 1 << (Bits - 1);
    private const int Red = 9798;
    private const int Green = 19235;
    private const int Blue = 3735;

    /// <summary>Converts part of a row.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">The first column.</param>
    /// <param name="y">The row.</param>
    /// <param name="gray">Receives a value a pixel, each in [0, 255]; its length says how many.</param>
    public static void Convert(ImageView image, int x, int y, Span<int> gray)
    {
        int pixel = image.BytesPerPixel;
        ReadOnlySpan<byte> row = image.Pixels.Slice((y * image.Stride) + (x * pixel), gray.Length * pixel);
        switch (image.Format)
        {
            case PixelFormat.Gray8:
                Widen(row, gray);
                break;
            case PixelFormat.Bgr24 or PixelFormat.Bgra32:
                Weigh(row, pixel, Blue, Red, gray);
                break;
            default:
                Weigh(row, pixel, Red, Blue, gray);
                break;
        }
    }

    /// <summary>One pixel's value, in [0, 255].</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">Its column.</param>
    /// <param name="y">Its row.</param>
    public static int At(ImageView image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.Pixels[((y * image.Stride) + (x * image.BytesPerPixel))..];
        return image.Format switch
        {
            PixelFormat.Gray8 => pixel[0],
            PixelFormat.Bgr24 or PixelFormat.Bgra32 => Weigh(pixel[2], pixel[1], pixel[0]),
            _ => Weigh(pixel[0], pixel[1], pixel[2]),
        };
    }

    private static int Weigh(int red, int green, int blue) => ((Red * red) + (Green * green) + (Blue * blue) + Half) >> Bits;

    private static void Weigh(ReadOnlySpan<byte> row, int bytesPerPixel, int first, int third, Span<int> gray)
    {
        for (int i = 0, p = 0; i < gray.Length; i++, p += bytesPerPixel)
        {
            gray[i] = ((first * row[p]) + (Green * row[p + 1]) + (third * row[p + 2]) + Half) >> Bits;
        }
    }

    private static void Widen(ReadOnlySpan<byte> row, Span<int> gray)
    {
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = row[i];
        }
    }
}
