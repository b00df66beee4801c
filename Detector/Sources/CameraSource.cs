using System.Globalization;
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

/// <summary>The options of a camera: the interface to it, and the requested size and rate of its images.</summary>
internal sealed record CameraOptions
{
    // Below this, two rates count as equal: cameras round 29.97 to 30.
    private const double RateTolerance = 0.5;

    [Setting("On Windows, the interface to the camera: dshow (DirectShow) opens some cameras faster than msmf (Media Foundation). [default: auto]", Name = "--camera-backend", Value = "auto|dshow|msmf")]
    public CameraBackend Backend { get; init; }
    [Setting("Request images of this size from the camera. [default: the camera's choice]", Name = "--camera-size", Value = "WIDTHxHEIGHT", Check = nameof(CheckSize))] public string? Size { get; init; }
    [Setting("Request this many images per second from the camera. [default: the camera's choice]", Name = "--camera-fps", Min = 1, Max = VideoReader.MaxFramesPerSecond)] public double? Fps { get; init; }

    /// <summary>Whether a size or rate is requested.</summary>
    public bool RequestsImages => (Size ?? (object?)Fps) is not null;

    /// <summary>Returns the options for a number of <see cref="CameraList"/>. On Windows its numbers are DirectShow's.</summary>
    /// <exception cref="UsageException">Media Foundation is named, which may count the cameras in another order.</exception>
    public CameraOptions ForListedNumber() => !OperatingSystem.IsWindows() ? this
        : Backend != CameraBackend.Msmf ? this with { Backend = CameraBackend.Dshow }
        : throw new UsageException("a camera's name gives DirectShow's number: leave out '--camera-backend msmf', or give '--input' the number.");

    /// <summary>The message about a value of <c>--camera-size</c>; null if it is valid.</summary>
    public static string? CheckSize(string typed) => Parse(typed) is null ? $"--camera-size is '{typed}', but must be WIDTHxHEIGHT in pixels, such as 1280x720." : null;

    /// <summary>Requests the size and rate from a device. If it gives others, requests motion JPEG too, without which many USB cameras give large images
    /// slowly.</summary>
    /// <returns>What was requested and what the device gives; null if they are equal or nothing was requested.</returns>
    public string? Request(Action<VideoCaptureProperties, double> set, Func<VideoCaptureProperties, double> get)
    {
        for (int attempt = 0; attempt < 2 && Difference(get) is not null; attempt++)
        {
            if (attempt == 1)
            {
                set(VideoCaptureProperties.FourCC, FourCC.MJPG);
            }

            if (Parse(Size) is (int width, int height))
            {
                set(VideoCaptureProperties.FrameWidth, width);
                set(VideoCaptureProperties.FrameHeight, height);
            }

            if (Fps is { } rate)
            {
                set(VideoCaptureProperties.Fps, rate);
            }
        }

        return Difference(get);
    }

    private string? Difference(Func<VideoCaptureProperties, double> get)
    {
        (double width, double height, double rate) = (get(VideoCaptureProperties.FrameWidth), get(VideoCaptureProperties.FrameHeight), get(VideoCaptureProperties.Fps));
        bool isSize = Parse(Size) is not (int askedWidth, int askedHeight) || (width == askedWidth && height == askedHeight);
        bool isRate = Fps is not { } askedRate || Math.Abs(rate - askedRate) < RateTolerance;
        return isSize && isRate ? null
            : FormattableString.Invariant($"asked for {string.Join(" at ", new[] { Size, Fps is null ? null : FormattableString.Invariant($"{Fps:0.##} frames/s") }.OfType<string>())}, it gives {width}x{height} at {(rate > 0 ? FormattableString.Invariant($"{rate:0.##}") : "an unknown number of")} frames/s");
    }

    private static (int Width, int Height)? Parse(string? size) =>
        size?.Split('x', 'X', '×') is [var width, var height] && Side(width) is { } x && Side(height) is { } y ? (x, y) : null;

    private static int? Side(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side > 0 ? side : null;
}

/// <summary>A camera of this machine.</summary>
internal sealed class CameraSource : IFrameSource
{
    private readonly VideoCapture capture;
    private readonly Stopwatch clock = new();

    /// <param name="report">Receives a message if the camera gives another size or rate than requested.</param>
    /// <exception cref="UsageException">The camera does not exist or cannot be opened.</exception>
    public CameraSource(int index, CameraOptions options, Action<string> report)
    {
        CameraBackend backend = options.Backend;
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

        if (options.RequestsImages && options.Request((property, value) => capture.Set(property, value), property => capture.Get(property)) is { } difference)
        {
            report($"{Name}: {difference}.");
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
