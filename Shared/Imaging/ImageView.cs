namespace MlNetEmotion;

/// <summary>A view of an image in memory that the caller owns: uint8 [height, width, channels], row-major. Copies nothing.</summary>
public readonly ref struct ImageView
{
    /// <summary>Creates a view of pixels.</summary>
    /// <param name="pixels">The bytes from the first row's first pixel on; at least <c>(height - 1) * stride + width * bytesPerPixel</c>.</param>
    /// <param name="width">The width in pixels, at least 1.</param>
    /// <param name="height">The height in pixels, at least 1.</param>
    /// <param name="format">The format of a pixel.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without padding.</param>
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

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The format of a pixel.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Bytes per pixel: 1, 3 or 4.</summary>
    public int BytesPerPixel { get; }

    /// <summary>Throws <see cref="ArgumentException"/> for <c>default</c>, which has no pixels.</summary>
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

/// <summary>The channels of a pixel and their order: interleaved, 8 bits each, in [0, 255].</summary>
/// <remarks>Alpha is ignored, since it may be 0 in frames from cameras and screens. Composite a transparent image on white first, as in the training
/// data.</remarks>
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
