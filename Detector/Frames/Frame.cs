using MlNetEmotion.Images;

namespace MlNetEmotion.Detector.Frames;

/// <summary>
/// An image: uint8 [height, width, channels], gray or BGR in OpenCV's memory, or a still image as its file was decoded. OpenCV is loaded when its
/// memory is first accessed: finding and scoring the faces of still images only needs <see cref="View"/>.
/// <para>Operations that write to another frame reuse its memory if it fits. Not thread-safe.</para>
/// </summary>
internal sealed class Frame : IDisposable
{
    private Mat? mat;
    private StoredImage? image;

    /// <summary>The pixels in OpenCV's memory; those of a still image are copied there on first access.</summary>
    public Mat Mat
    {
        get
        {
            mat ??= OpenCvLibrary.CreateMat();
            if (image is { } still)
            {
                image = null;
                CopyToMat(still.View, mat);
                still.Dispose();
            }

            return mat;
        }
    }

    /// <summary>Size in pixels; 0 while empty.</summary>
    public int Width => image?.Width ?? mat?.Width ?? 0;
    public int Height => image?.Height ?? mat?.Height ?? 0;

    /// <summary>The pixels, not copied; valid until this frame is written to or disposed. A still image has its decoder's pixel format.</summary>
    public unsafe ImageView View => image is not null ? image.View
        : Width == 0 ? throw new InvalidOperationException("an empty frame has no pixels")
        : new ImageView(new ReadOnlySpan<byte>(Mat.DataPointer, checked((int)(Height * Mat.Step()))), Width, Height, Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Bgr24, (int)Mat.Step());

    private int Channels => Mat.Channels();

    /// <summary>Decodes a still image's file and turns it upright.</summary>
    /// <param name="maxMegapixels">The largest size accepted, in millions of pixels.</param>
    /// <returns>A remark if the file holds more than this image, or the values were changed; otherwise null.</returns>
    /// <exception cref="InvalidDataException">The bytes are empty, of an unknown format, truncated or damaged, or the image is too large.</exception>
    public string? Decode(byte[] file, int maxMegapixels = ImageFile.MaxMegapixels)
    {
        StoredImage decoded = ImageFile.Decode(file, out string? remark, maxMegapixels).TurnUpright();
        image?.Dispose();
        image = decoded;
        return remark;
    }

    /// <summary>Clips a box to the frame; empty if they do not overlap.</summary>
    public Box Clip(Box box)
    {
        Rect part = box.ToRect() & new Rect(0, 0, Width, Height);
        return new Box(part.X, part.Y, part.Width, part.Height);
    }

    /// <summary>All bytes, whose rows are contiguous.</summary>
    public unsafe Span<byte> Bytes => new(Mat.DataPointer, Width * Height * Channels);

    public unsafe Span<byte> Row(int y) => new(Mat.DataPointer + (y * Mat.Step()), Width * Channels);

    /// <summary>Frees the pixels; the frame is empty until it is written to again.</summary>
    public void Clear()
    {
        image?.Dispose();
        image = null;
        mat?.Create(0, 0, MatType.CV_8UC3);    // Mat.Release would dispose of the Mat itself
    }

    public void CopyTo(Frame destination) => Mat.CopyTo(destination.Mat);

    /// <summary>Exchanges the pixels of two frames, without a copy.</summary>
    public void Swap(Frame other) => (mat, other.mat, image, other.image) = (other.mat, mat, other.image, image);

    /// <summary>Resizes: area interpolation averages all source pixels under a new one, for smaller frames; linear interpolates between four, for larger
    /// ones.</summary>
    public void ResizeTo(Frame destination, int width, int height, InterpolationFlags interpolation) =>
        Cv2.Resize(Mat, destination.Mat, new Size(width, height), 0, 0, interpolation);

    /// <summary>Centres this frame in a larger one, with black borders.</summary>
    public void PadTo(Frame destination, int width, int height)
    {
        (int left, int top) = ((width - Width) / 2, (height - Height) / 2);
        Cv2.CopyMakeBorder(Mat, destination.Mat, top, height - Height - top, left, width - Width - left, BorderTypes.Constant);
    }

    public void Dispose()
    {
        image?.Dispose();
        mat?.Dispose();
    }

    private static unsafe void CopyToMat(ImageView still, Mat mat)
    {
        fixed (byte* pixels = still.Pixels)
        {
            using Mat view = Mat.FromPixelData(still.Height, still.Width, MatType.CV_8UC(still.BytesPerPixel), (IntPtr)pixels, still.Stride);
            Cv2.CvtColor(view, mat, still.Format switch
            {
                PixelFormat.Gray8 => ColorConversionCodes.GRAY2BGR,
                PixelFormat.Rgb24 => ColorConversionCodes.RGB2BGR,
                PixelFormat.Rgba32 => ColorConversionCodes.RGBA2BGR,
                _ => ColorConversionCodes.BGRA2BGR,
            });
        }
    }
}

internal static class BoxExtensions
{
    public static Rect ToRect(this Box box) => new(box.X, box.Y, box.Width, box.Height);
}
