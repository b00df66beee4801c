using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Makes frames as small as a detector needs them: its time grows with the pixels.</summary>
/// <param name="detectWidth">The width to scale down to; narrower frames stay as they are.</param>
internal sealed class FrameScaler(int detectWidth) : IDisposable
{
    private readonly Mat scaled = new();

    /// <summary>How many of the frame's pixels are one of the small frame's, across; at least 1.</summary>
    public double ScaleX { get; private set; } = 1;

    /// <summary>The same, down.</summary>
    public double ScaleY { get; private set; } = 1;

    /// <summary>Scales.</summary>
    /// <param name="frame">Any frame.</param>
    /// <returns>The small frame, valid until the next call; the frame itself where it is no wider.</returns>
    public Mat Scale(Mat frame)
    {
        int width = frame.Width;
        if (width <= detectWidth)
        {
            (ScaleX, ScaleY) = (1, 1);
            return frame;
        }

        int height = frame.Height;
        int scaledHeight = Math.Max(1, (int)Math.Round((double)height * detectWidth / width));
        frame.ResizeTo(scaled, detectWidth, scaledHeight, Interpolation.Area);
        (ScaleX, ScaleY) = ((double)width / detectWidth, (double)height / scaledHeight);
        return scaled;
    }

    /// <summary>Where a box of the small frame is in the frame.</summary>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Top edge.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public Box ToFrame(double x, double y, double width, double height) =>
        new(Round(x * ScaleX), Round(y * ScaleY), Math.Max(1, Round(width * ScaleX)), Math.Max(1, Round(height * ScaleY)));

    /// <inheritdoc/>
    public void Dispose() => scaled.Dispose();

    private static int Round(double value) => (int)Math.Round(value);
}
