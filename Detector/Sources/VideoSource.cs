using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or stream decoded by OpenCV.</summary>
internal sealed class VideoSource : VideoReader
{
    // CAP_PROP_OPEN_TIMEOUT_MSEC and CAP_PROP_READ_TIMEOUT_MSEC, for which OpenCvSharp has no names.
    private const int OpenTimeoutMs = 53;
    private const int ReadTimeoutMs = 54;

    // CAP_PROP_SAR_NUM, CAP_PROP_SAR_DEN and CAP_PROP_ORIENTATION_META.
    private const int PixelWidth = 40;
    private const int PixelHeight = 41;
    private const int Orientation = 48;

    // Timeouts in milliseconds for opening a stream and for each read. Files have none, because OpenCV's clock runs while this process is stopped.
    private static readonly int[] StreamTimeouts = [OpenTimeoutMs, 10_000, ReadTimeoutMs, 10_000];
    private static readonly int[] NoTimeouts = [OpenTimeoutMs, 0, ReadTimeoutMs, 0];

    private readonly string pathOrUrl;
    private readonly int loop;
    private readonly Frame first = new();
    private readonly Frame squeezed = new();
    private readonly double firstMs;
    private VideoCapture capture;
    private int rounds = 1;
    private bool isStarted;

    /// <summary>Opens a video and decodes its first frame.</summary>
    public VideoSource(string pathOrUrl, Action<string> report, int loop = 1)
        : base(pathOrUrl, report)
    {
        (this.pathOrUrl, this.loop) = (pathOrUrl, loop);
        capture = Open(pathOrUrl);
        bool isOpened = capture.IsOpened();
        if (!isOpened || !Decode(first))
        {
            Dispose();
            throw isOpened ? new InvalidDataException($"{pathOrUrl}: no frame of this video can be decoded.") : Unreadable(pathOrUrl);
        }

        IsLive = FrameSources.IsUrl(pathOrUrl) && !(MayBeRecording(pathOrUrl) && capture.FrameCount > 0);
        FrameCount = Frames(capture) * loop;
        firstMs = capture.PosMsec;
        FramesPerSecond = PlausibleRate(capture.Fps);
    }

    /// <summary>Returns the number of frames that a file states or that its length suggests; null if unknown.</summary>
    public static long? CountFrames(string path)
    {
        using VideoCapture capture = Open(path);
        return capture.IsOpened() ? Frames(capture) : null;
    }

    /// <summary>Returns a video's frame size from its header, in square pixels and before rotation.</summary>
    /// <exception cref="InvalidDataException">The file is not a video.</exception>
    public static (double Width, double Height) SizeOf(string path)
    {
        using VideoCapture capture = Open(path);
        double aspect = capture.IsOpened() ? capture.Get(PixelWidth) / capture.Get(PixelHeight) : throw Unreadable(path);
        return (capture.FrameWidth * (aspect is > 0 and < double.PositiveInfinity ? aspect : 1), capture.FrameHeight);
    }

    public override void Dispose()
    {
        first.Dispose();
        squeezed.Dispose();
        capture.Dispose();
        base.Dispose();
    }

    protected override bool ReadNext(Frame frame, out TimeSpan? stated, out double aspect)
    {
        (stated, aspect) = (TimeSpan.Zero, 0);
        if (!isStarted)
        {
            isStarted = true;
            first.Swap(frame);
            return true;
        }

        if (!Decode(frame) && !(rounds < loop && DecodeAgain(frame)))
        {
            return false;
        }

        stated = TimeSpan.FromMilliseconds(capture.PosMsec - firstMs);
        return true;
    }

    // OpenCV does not report the length of the sound, which may exceed that of the video.
    protected override string? CheckEnd(TimeSpan end) =>
        !IsLive && FrameCount is { } frames && TimeSpan.FromSeconds(frames / FramesPerSecond) is var length && IsShort(end, length)
            ? $"its header states {length.TotalSeconds:0.0} s, unless that is its sound's length" : null;

    private static VideoCaptureAPIs Backend => OperatingSystem.IsMacOS() ? VideoCaptureAPIs.ANY : VideoCaptureAPIs.FFMPEG;

    private static long? Frames(VideoCapture capture) => capture.FrameCount is > 0 and < int.MaxValue and var count ? count : null;

    // Naming a backend keeps others, with weaker decoders, from trying the same file.
    private static VideoCapture Open(string pathOrUrl)
    {
        OpenCvLibrary.Load();
        return FrameSources.IsUrl(pathOrUrl) ? new(pathOrUrl, Backend, StreamTimeouts) : new(Path.GetFullPath(pathOrUrl), Backend, NoTimeouts);
    }

    private static bool MayBeRecording(string url) =>
        url.StartsWith("http", StringComparison.OrdinalIgnoreCase) || url.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    // Makes pixels square: anamorphic videos store a wide image in fewer pixels.
    private bool Decode(Frame frame)
    {
        double aspect = capture.Get(PixelWidth) / capture.Get(PixelHeight);
        if (aspect is 1 or not (> 0 and < double.PositiveInfinity))
        {
            return capture.Read(frame.Mat) && frame.Width > 0;
        }

        if (!capture.Read(squeezed.Mat) || squeezed.Width == 0)
        {
            return false;
        }

        // The pixel aspect is that of the stored frame, before rotation.
        bool isTurned = (int)capture.Get(Orientation) % 180 != 0;
        int width = Math.Max(1, (int)(squeezed.Width * (isTurned ? 1 / aspect : aspect)));
        squeezed.ResizeTo(frame, width, squeezed.Height, InterpolationFlags.Linear);
        return true;
    }

    // Reopens the file: not all containers seek reliably.
    private bool DecodeAgain(Frame frame)
    {
        rounds++;
        capture.Dispose();
        capture = Open(pathOrUrl);
        return Decode(frame);
    }
}
