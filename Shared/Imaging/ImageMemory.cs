namespace MlNetEmotion;

/// <summary>
/// An image in memory: uint8 [height, width, channels], row-major. Unlike <see cref="ImageView"/>, it can be a field, be captured and be used across an
/// <c>await</c>: for Visual Basic, which has no ref structs, and asynchronous methods up to C# 12. Copies nothing.
/// </summary>
/// <param name="Pixels">The bytes from the first row's first pixel on; at least <c>(Height - 1) * Stride + Width * bytesPerPixel</c>. A <c>byte[]</c>
/// converts implicitly.</param>
/// <param name="Width">The width in pixels, at least 1.</param>
/// <param name="Height">The height in pixels, at least 1.</param>
/// <param name="Format">The format of a pixel.</param>
/// <param name="Stride">Bytes from one row to the next; 0 for rows without padding.</param>
public readonly record struct ImageMemory(ReadOnlyMemory<byte> Pixels, int Width, int Height, PixelFormat Format, int Stride = 0)
{
    /// <summary>A view of the same pixels; an empty view for <c>default</c>.</summary>
    /// <exception cref="ArgumentException">The sizes are not positive, or the memory is too short for them.</exception>
    public ImageView View => this == default ? default : new ImageView(Pixels.Span, Width, Height, Format, Stride);
}
