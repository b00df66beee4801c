namespace MlNetEmotion.Imaging;

/// <summary>
/// An image in memory that may be stored, captured and kept across an <c>await</c>, which <see cref="ImageView"/> may not: uint8 [height, width, channels],
/// row-major. Copies nothing. Visual Basic, which takes no ref struct, and asynchronous methods up to C# 12 use this one.
/// </summary>
/// <param name="Pixels">The first row's first byte onwards; at least <c>(Height - 1) * Stride + Width * bytesPerPixel</c> bytes. A <c>byte[]</c> converts by itself.</param>
/// <param name="Width">Pixels a row, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Format">What a pixel's bytes mean.</param>
/// <param name="Stride">Bytes from one row to the next; 0 for tightly packed rows.</param>
public readonly record struct ImageMemory(ReadOnlyMemory<byte> Pixels, int Width, int Height, PixelFormat Format, int Stride = 0)
{
    /// <summary>The same pixels as the view that the calculations take; an empty view for <c>default</c>.</summary>
    /// <exception cref="ArgumentException">The sizes are not positive, or the memory is too short for them.</exception>
    public ImageView View => this == default ? default : new ImageView(Pixels.Span, Width, Height, Format, Stride);
}
