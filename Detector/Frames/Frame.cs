using OpenCvSharp.Internal;

namespace MlNetEmotion.Detector.Frames;

/// <summary>A picture in OpenCV's memory: uint8 [height, width, channels], gray or BGR. Operations that write into
/// another frame use its memory again where it fits. For each argument of a call OpenCvSharp 4 makes a proxy object and
/// frees it; here each frame keeps its two, so that none of the operations allocates managed memory. Not
/// thread-safe.</summary>
internal sealed class Frame : IDisposable
{
    private readonly InputArray input;
    private readonly InputOutputArray output;

    static Frame() => OpenCvLibrary.Configure();

    public Frame() => (input, output) = (InputArray.Create(Mat), InputOutputArray.Create(Mat));

    public Mat Mat { get; } = new();

    /// <summary>Native code's <c>cv::InputArray*</c>, <c>cv::InputOutputArray*</c>.</summary>
    public nint Input => input.CvPtr;
    public nint Output => output.CvPtr;

    /// <summary>Pixels; 0 while empty.</summary>
    public int Width => Mat.Width;
    public int Height => Mat.Height;

    public int Channels => Mat.Channels();

    /// <summary>The pixels, where they are: valid until this frame is written to or disposed.</summary>
    public ImageView View => Part(new Box(0, 0, Width, Height));

    public static Frame FromPixels(ImageView pixels)
    {
        var frame = new Frame();
        frame.CopyFrom(pixels);
        return frame;
    }

    /// <summary>The pixels in a box that lies within the frame; valid as <see cref="View"/> is.</summary>
    public unsafe ImageView Part(Box box)
    {
        if (Mat.Empty())
        {
            throw new InvalidOperationException("an empty frame has no pixels");
        }

        int stride = (int)Mat.Step();
        int channels = Channels;
        byte* start = Mat.DataPointer + ((long)box.Y * stride) + (box.X * channels);
        var pixels = new ReadOnlySpan<byte>(start, ((box.Height - 1) * stride) + (box.Width * channels));
        return new ImageView(pixels, box.Width, box.Height, channels == 1 ? PixelFormat.Gray8 : PixelFormat.Bgr24, stride);
    }

    /// <summary>The part of a box that lies within the frame; empty where none does.</summary>
    public Box Clip(Box box)
    {
        Rect part = box.ToRect() & new Rect(0, 0, Width, Height);
        return new Box(part.X, part.Y, part.Width, part.Height);
    }

    /// <summary>All bytes of a frame that <see cref="Create"/> made: its rows follow one another without a
    /// gap.</summary>
    public unsafe Span<byte> Bytes => new(Mat.DataPointer, Width * Height * Channels);

    public unsafe Span<byte> Row(int y) => new(Mat.DataPointer + (y * Mat.Step()), Width * Channels);

    /// <summary>Copies gray or BGR pixels in, which are not this frame's own.</summary>
    public void CopyFrom(ImageView pixels)
    {
        Create(pixels.Width, pixels.Height, pixels.Format switch
        {
            PixelFormat.Gray8 => MatType.CV_8UC1,
            PixelFormat.Bgr24 => MatType.CV_8UC3,
            _ => throw new ArgumentException($"a frame holds gray or BGR pixels, not {pixels.Format}", nameof(pixels)),
        });
        Paste(pixels, 0, 0);
    }

    /// <summary>Copies pixels of the same channels over a part of this frame.</summary>
    public void Paste(ImageView pixels, int x, int y)
    {
        int length = pixels.Width * pixels.BytesPerPixel;
        for (int row = 0; row < pixels.Height; row++)
        {
            pixels.Pixels.Slice(row * pixels.Stride, length).CopyTo(Row(y + row)[(x * pixels.BytesPerPixel)..]);
        }
    }

    /// <summary>Makes room for uint8 pixels; what was there is lost.</summary>
    public void Create(int width, int height, MatType type) => Mat.Create(height, width, type);

    /// <summary>Gives the pixels' memory back: the frame is empty until it is written to again.</summary>
    public void Clear() => Mat.Create(0, 0, MatType.CV_8UC3);    // Mat.Release would dispose of the Mat itself

    public void CopyTo(Frame destination) => Check(NativeMethods.core_Mat_copyTo_toMat1(Mat.CvPtr, destination.Mat.CvPtr));

    /// <summary>Area weighs every pixel under the new one, to make frames smaller; linear the four around it, to make
    /// them larger.</summary>
    public void ResizeTo(Frame destination, int width, int height, InterpolationFlags interpolation) =>
        Check(NativeMethods.imgproc_resize(Input, destination.Output, new Size(width, height), 0, 0, (int)interpolation));

    /// <summary>BGR to luma (ITU-R BT.601), or gray to three equal channels.</summary>
    public void ConvertTo(Frame destination, ColorConversionCodes conversion) =>
        Check(NativeMethods.imgproc_cvtColor(Input, destination.Output, (int)conversion, 0));

    /// <summary>Left becomes right.</summary>
    public void MirrorTo(Frame destination) => Check(NativeMethods.core_flip(Input, destination.Output, (int)FlipMode.Y));

    /// <summary>Black on all sides; this frame stands in the middle.</summary>
    public void PadTo(Frame destination, int width, int height)
    {
        (int left, int top) = ((width - Width) / 2, (height - Height) / 2);
        Check(NativeMethods.core_copyMakeBorder(
            Input, destination.Output, top, height - Height - top, left, width - Width - left, (int)BorderTypes.Constant, default));
    }

    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
        Mat.Dispose();
    }

    private static void Check(ExceptionStatus status) => NativeMethods.HandleException(status);
}

internal static class BoxExtensions
{
    public static Rect ToRect(this Box box) => new(box.X, box.Y, box.Width, box.Height);
}
