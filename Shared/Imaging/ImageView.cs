namespace MlNetEmotion.Imaging;

/// <summary>A borrowed view of an image in memory: uint8 [height, width, channels], row-major. Owns nothing and copies nothing.</summary>
public readonly ref struct ImageView
{
    /// <summary>Views pixels that somebody else owns.</summary>
    /// <param name="pixels">The first row's first byte onwards; at least <c>(height - 1) * stride + width * bytesPerPixel</c> bytes.</param>
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel's bytes mean.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for tightly packed rows.</param>
    /// <exception cref="ArgumentException">The sizes are not positive, or the span is too short for them.</exception>
    public ImageView(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        BytesPerPixel = BytesIn(format);
        long rowBytes = (long)width * BytesPerPixel;
        if (stride == 0)
        {
            stride = checked((int)rowBytes);
        }

        if (stride < rowBytes)
        {
            throw new ArgumentException($"a row of {width} {format} pixels takes {rowBytes} bytes, the stride is {stride}", nameof(stride));
        }

        long needed = ((long)(height - 1) * stride) + rowBytes;
        if (pixels.Length < needed)
        {
            throw new ArgumentException($"{width}x{height} {format} needs {needed} bytes, got {pixels.Length}", nameof(pixels));
        }

        Pixels = pixels;
        Width = width;
        Height = height;
        Format = format;
        Stride = stride;
    }

    /// <summary>The bytes, first row first.</summary>
    public ReadOnlySpan<byte> Pixels { get; }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>What a pixel's bytes mean.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Bytes a pixel: 1, 3 or 4.</summary>
    public int BytesPerPixel { get; }

    /// <summary>Throws <see cref="ArgumentException"/> for <c>default</c>, which views nothing.</summary>
    internal void ThrowIfEmpty(string parameter)
    {
        if (Pixels.IsEmpty)
        {
            throw new ArgumentException("the image has no pixels", parameter);
        }
    }

    private static int BytesIn(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Bgr24 or PixelFormat.Rgb24 => 3,
        PixelFormat.Bgra32 or PixelFormat.Rgba32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "not a pixel format"),
    };
}

/// <summary>How the bytes of a pixel are to be read. Every channel is 8 bits, range [0, 255], interleaved.</summary>
/// <remarks>Alpha is ignored, since that of a camera's or a screen's frame may be 0. Put a transparent picture on white first, as the model was trained.</remarks>
public enum PixelFormat
{
    /// <summary>One byte: luma.</summary>
    Gray8,
    /// <summary>Three bytes: blue, green, red (OpenCV's order).</summary>
    Bgr24,
    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb24,
    /// <summary>Four bytes: blue, green, red, alpha (ignored).</summary>
    Bgra32,
    /// <summary>Four bytes: red, green, blue, alpha (ignored).</summary>
    Rgba32,
}
