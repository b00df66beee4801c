using System.Diagnostics;
using MlNetEmotion.Programs;
using MlNetEmotion.Native;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A camera of this machine.</summary>
internal sealed class CameraSource : IFrameSource
{
    private const double UsualFramesPerSecond = 30;

    private readonly VideoCapture capture;
    private readonly Stopwatch clock = new();

    /// <summary>Opens a camera.</summary>
    /// <param name="index">0 for the first.</param>
    /// <exception cref="UsageException">It cannot be opened.</exception>
    public CameraSource(int index)
    {
        Name = $"camera {index}";
        string device = $"/dev/video{index}";
        try
        {
            capture = VideoCapture.OpenCamera(index);
        }
        catch (NativeException e)
        {
            string reason = !OperatingSystem.IsLinux() ? "cannot be opened"
                : File.Exists(device) ? $"cannot be opened: is {device} in use, or not yours to read?"
                : $"not found (no {device})";
            throw new UsageException($"{Name}: {reason}. Try '--demo', or name a video, a folder of images or another camera with '--input'.", e);
        }

        FramesPerSecond = capture.FramesPerSecond is > 0 and <= VideoSource.MaxFramesPerSecond and var rate ? rate : UsualFramesPerSecond;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double FramesPerSecond { get; }

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public bool Read(Mat frame, out TimeSpan timestamp)
    {
        if (!capture.Read(frame))
        {
            throw new IOException("it stopped delivering frames: was it unplugged?");
        }

        timestamp = clock.Elapsed;
        clock.Start();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => capture.Dispose();
}
