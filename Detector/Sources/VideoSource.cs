using System.Diagnostics;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream.</summary>
internal sealed class VideoSource : IFrameSource
{
    /// <summary>Above this a stated rate is a container's tick, not a frame rate.</summary>
    private const double MaxFramesPerSecond = 240;

    private const double UsualFramesPerSecond = 30;

    // CAP_PROP_OPEN_TIMEOUT_MSEC and CAP_PROP_READ_TIMEOUT_MSEC, for which OpenCvSharp has no names.
    private const int OpenTimeoutMs = 53;
    private const int ReadTimeoutMs = 54;

    // For opening a stream and for each read of it, in milliseconds.
    private static readonly int[] Timeouts = [OpenTimeoutMs, 10_000, ReadTimeoutMs, 10_000];

    // Containers round their length; so many frames fewer than stated are no sign of damage.
    private const double WholeShare = 0.95;

    private static readonly string[] Extensions =
        [".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"];

    private readonly Action<string> report;
    private readonly int loop;
    private VideoCapture capture;
    private int rounds = 1;
    private readonly Frame first = new();
    private readonly Stopwatch clock = new();
    private readonly double firstMs;
    private TimeSpan last;
    private long framesRead;

    /// <summary>Opens a video and decodes its first frame.</summary>
    /// <exception cref="InvalidDataException">It is no video.</exception>
    public VideoSource(string pathOrUrl, Action<string> report, int loop = 1)
    {
        this.report = report;
        this.loop = loop;
        Name = pathOrUrl;
        capture = Open(pathOrUrl);
        if (!capture.IsOpened())
        {
            capture.Dispose();
            first.Dispose();
            throw Unreadable(pathOrUrl);
        }

        if (!Read(first))
        {
            Dispose();
            throw new InvalidDataException($"{pathOrUrl}: a video without a single frame that can be decoded.");
        }

        IsLive = FrameSources.IsUrl(pathOrUrl) && !(MayBeRecording(pathOrUrl) && capture.FrameCount > 0);
        FrameCount = Frames(capture) * loop;
        firstMs = capture.PosMsec;
        FramesPerSecond = PlausibleRate(capture.Fps);
    }

    public string Name { get; }

    public double FramesPerSecond { get; }

    public bool IsLive { get; }

    public long? FrameCount { get; }

    /// <summary>Whether a file's name is a video's. In folders only such files are looked at; a file that is named may have any.</summary>
    public static bool IsVideo(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = clock.Elapsed;
        clock.Start();
        if (framesRead == 0)
        {
            frame.CopyFrom(first.View);
        }
        else if (!Read(frame) && !(rounds < loop && Rewind() && Read(frame)))
        {
            ReportEarlyEnd(this, framesRead, report);
            return false;
        }

        if (!IsLive)
        {
            timestamp = framesRead == 0 ? TimeSpan.Zero : Forward(TimeSpan.FromMilliseconds(capture.PosMsec - firstMs), last, FramesPerSecond);
        }

        last = timestamp;
        framesRead++;
        return true;
    }

    /// <summary>How many frames a file says, or its length suggests, that it has; null where that is unknown.</summary>
    public static long? CountFrames(string path)
    {
        using VideoCapture capture = Open(path);
        return capture.IsOpened() ? Frames(capture) : null;
    }

    /// <summary>What is told of an input that is no video.</summary>
    internal static InvalidDataException Unreadable(string pathOrUrl) => new(FrameSources.IsUrl(pathOrUrl)
        ? $"{pathOrUrl}: cannot be reached, or is no video stream."
        : $"{pathOrUrl}: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI.");

    /// <summary>A stated rate, or the usual one where that is none.</summary>
    internal static double PlausibleRate(double stated) => stated is > 0 and <= MaxFramesPerSecond ? stated : UsualFramesPerSecond;

    /// <summary>A frame's time in its file, which phones let vary from frame to frame. Where there is none, or one that runs backwards, frames come at
    /// the stated rate.</summary>
    internal static TimeSpan Forward(TimeSpan stated, TimeSpan last, double framesPerSecond) =>
        stated > last ? stated : last + TimeSpan.FromSeconds(1 / framesPerSecond);

    /// <summary>Says so where a recording has fewer frames than it states.</summary>
    internal static void ReportEarlyEnd(IFrameSource source, long framesRead, Action<string> report)
    {
        if (!source.IsLive && source.FrameCount is { } expected && framesRead < WholeShare * expected)
        {
            report($"{source.Name}: ends after {framesRead} of about {expected} frames; the file is damaged or incomplete.");
        }
    }

    private static long? Frames(VideoCapture capture) => capture.FrameCount is > 0 and < int.MaxValue and var count ? count : null;

    // Asking one backend keeps the others, which know less, from trying the same file.
    private static VideoCapture Open(string pathOrUrl) =>
        new(pathOrUrl, OperatingSystem.IsMacOS() ? VideoCaptureAPIs.ANY : VideoCaptureAPIs.FFMPEG, Timeouts);

    private bool Read(Frame frame) => capture.Read(frame.Mat) && frame.Width > 0;

    private static bool MayBeRecording(string url) =>
        url.StartsWith("http", StringComparison.OrdinalIgnoreCase) || url.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    // Opened anew: containers differ in how well they seek.
    private bool Rewind()
    {
        rounds++;
        capture.Dispose();
        capture = Open(Name);
        return true;
    }

    public void Dispose()
    {
        first.Dispose();
        capture.Dispose();
    }
}
