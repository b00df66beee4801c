namespace MlNetEmotion.Imaging;

/// <summary>How the bytes of a pixel are to be read. Every channel is 8 bits, range [0, 255], interleaved.</summary>
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
