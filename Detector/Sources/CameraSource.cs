using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A camera of this machine.</summary>
internal sealed class CameraSource : IFrameSource
{
    private readonly VideoCapture capture;
    private readonly Stopwatch clock = new();

    public CameraSource(int index)
    {
        Name = $"camera {index}";
        string device = $"/dev/video{index}";
        capture = new VideoCapture(index, OperatingSystem.IsLinux() ? VideoCaptureAPIs.V4L2 : VideoCaptureAPIs.ANY);
        if (!capture.IsOpened())
        {
            capture.Dispose();
            string reason = !OperatingSystem.IsLinux() ? "cannot be opened"
                : File.Exists(device) ? $"cannot be opened: is {device} in use, or not yours to read?"
                : $"not found (no {device})";
            throw new UsageException($"{Name}: {reason}. Try '--demo', or name a video, a folder of images or another camera with '--input'.");
        }

        FramesPerSecond = VideoReader.PlausibleRate(capture.Fps);
    }

    public string Name { get; }
    public double FramesPerSecond { get; }
    public bool IsLive => true;

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        if (!capture.Read(frame.Mat) || frame.Width == 0)
        {
            throw new IOException("it stopped delivering frames: was it unplugged?");
        }

        timestamp = clock.Elapsed;
        clock.Start();
        return true;
    }

    public void Dispose() => capture.Dispose();
}
