using System.Diagnostics;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream.</summary>
internal sealed class VideoSource : IFrameSource
{
    /// <summary>Above this a stated rate is a container's tick, not a frame rate.</summary>
    internal const double MaxFramesPerSecond = 240;

    internal const double UsualFramesPerSecond = 30;

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
            string expected = FrameSources.IsUrl(pathOrUrl)
                ? "cannot be reached, or is no video stream"
                : "no video that can be read; expected a video file such as MP4, MKV, WebM or AVI";
            throw new InvalidDataException($"{pathOrUrl}: {expected}.");
        }

        if (!Read(first))
        {
            Dispose();
            throw new InvalidDataException($"{pathOrUrl}: a video without a single frame that can be decoded.");
        }

        IsLive = FrameSources.IsUrl(pathOrUrl) && !(MayBeRecording(pathOrUrl) && capture.FrameCount > 0);
        FrameCount = Frames(capture) * loop;
        firstMs = capture.PosMsec;
        FramesPerSecond = capture.Fps is > 0 and <= MaxFramesPerSecond and var rate ? rate : UsualFramesPerSecond;
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
            ReportEarlyEnd();
            return false;
        }

        if (!IsLive)
        {
            timestamp = framesRead == 0 ? TimeSpan.Zero : TimeInFile();
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

    // The file's own time, which phones let vary from frame to frame. Where it has none, or one that runs backwards, frames
    // come at the stated rate.
    private TimeSpan TimeInFile()
    {
        TimeSpan stated = TimeSpan.FromMilliseconds(capture.PosMsec - firstMs);
        return stated > last ? stated : last + TimeSpan.FromSeconds(1 / FramesPerSecond);
    }

    private void ReportEarlyEnd()
    {
        if (!IsLive && FrameCount is { } expected && framesRead < WholeShare * expected)
        {
            report($"{Name}: ends after {framesRead} of about {expected} frames; the file is damaged or incomplete.");
        }
    }

    public void Dispose()
    {
        first.Dispose();
        capture.Dispose();
    }
}
