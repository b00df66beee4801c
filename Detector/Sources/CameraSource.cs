using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>The operating system's camera API.</summary>
internal enum CameraBackend
{
    /// <summary>Video4Linux on Linux; elsewhere OpenCV's choice, which is Media Foundation and then DirectShow on Windows.</summary>
    Auto,

    /// <summary>Windows' DirectShow, which opens many cameras faster than Media Foundation.</summary>
    Dshow,

    /// <summary>Windows' Media Foundation.</summary>
    Msmf,
}

/// <summary>A camera of this machine.</summary>
internal sealed class CameraSource : IFrameSource
{
    private readonly VideoCapture capture;
    private readonly Stopwatch clock = new();

    /// <exception cref="UsageException">The camera does not exist or cannot be opened.</exception>
    public CameraSource(int index, CameraBackend backend)
    {
        OpenCvLibrary.Load();
        Name = $"camera {index}";
        string device = $"/dev/video{index}";
        capture = new VideoCapture(index, backend switch
        {
            CameraBackend.Dshow => VideoCaptureAPIs.DSHOW,
            CameraBackend.Msmf => VideoCaptureAPIs.MSMF,
            _ => OperatingSystem.IsLinux() ? VideoCaptureAPIs.V4L2 : VideoCaptureAPIs.ANY,
        });
        if (!capture.IsOpened())
        {
            capture.Dispose();
            string reason = OperatingSystem.IsWindows() ? "cannot be opened: is it in use, or forbidden under Settings, Privacy & security, Camera?"
                : OperatingSystem.IsMacOS() ? "cannot be opened: is it in use, or forbidden to this terminal under System Settings, Privacy & Security, Camera? Where macOS asks for permission just now, grant it and start again"
                : backend != CameraBackend.Auto ? $"'{backend.ToString().ToLowerInvariant()}' is an interface of Windows"
                : File.Exists(device) ? $"cannot be opened: is {device} in use, or not readable by this user?"
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
