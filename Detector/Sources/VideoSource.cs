using System.Diagnostics;
using MlNetEmotion.Native;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream.</summary>
internal sealed class VideoSource : IFrameSource
{
    /// <summary>Above this a stated rate is a container's tick, not a frame rate.</summary>
    internal const double MaxFramesPerSecond = 240;

    private const double UsualFramesPerSecond = 30;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // Containers round their length; so many frames fewer than stated are no sign of damage.
    private const double WholeShare = 0.95;

    private readonly Action<string> report;
    private readonly int loop;
    private VideoCapture capture;
    private int rounds = 1;
    private readonly Mat first = new();
    private readonly Stopwatch clock = new();
    private readonly double firstMs;
    private TimeSpan last;
    private long framesRead;

    /// <summary>Opens a video and decodes its first frame.</summary>
    /// <param name="pathOrUrl">A file that exists, or a URL.</param>
    /// <param name="isLive">Whether frames arrive as they happen.</param>
    /// <param name="report">Told when a file ends before its time.</param>
    /// <param name="loop">How often a file is played.</param>
    /// <exception cref="InvalidDataException">It is no video.</exception>
    public VideoSource(string pathOrUrl, bool isLive, Action<string> report, int loop = 1)
    {
        this.report = report;
        this.loop = loop;
        Name = pathOrUrl;
        IsLive = isLive;
        try
        {
            capture = VideoCapture.Open(pathOrUrl, Timeout);
        }
        catch (NativeException e)
        {
            string expected = pathOrUrl.Contains("://", StringComparison.Ordinal)
                ? "cannot be reached, or is no video stream"
                : "no video that can be read; expected a video file such as MP4, MKV, WebM or AVI";
            throw new InvalidDataException($"{pathOrUrl}: {expected}.", e);
        }

        if (!capture.Read(first))
        {
            Dispose();
            throw new InvalidDataException($"{pathOrUrl}: a video without a single frame that can be decoded.");
        }

        firstMs = capture.PositionMs;
        FramesPerSecond = capture.FramesPerSecond is > 0 and <= MaxFramesPerSecond and var rate ? rate : UsualFramesPerSecond;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double FramesPerSecond { get; }

    /// <inheritdoc/>
    public bool IsLive { get; }

    /// <inheritdoc/>
    public bool Read(Mat frame, out TimeSpan timestamp)
    {
        timestamp = clock.Elapsed;
        clock.Start();
        if (framesRead == 0)
        {
            frame.CopyFrom(first.View);
        }
        else if (!capture.Read(frame) && !(rounds < loop && Rewind() && capture.Read(frame)))
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

    // Opened anew: containers differ in how well they seek.
    private bool Rewind()
    {
        rounds++;
        capture.Dispose();
        capture = VideoCapture.Open(Name, Timeout);
        return true;
    }

    // The file's own time, which phones let vary from frame to frame. Where it has none, or one that runs backwards, frames
    // come at the stated rate.
    private TimeSpan TimeInFile()
    {
        TimeSpan stated = TimeSpan.FromMilliseconds(capture.PositionMs - firstMs);
        return stated > last ? stated : last + TimeSpan.FromSeconds(1 / FramesPerSecond);
    }

    private void ReportEarlyEnd()
    {
        if (!IsLive && capture.FrameCount is var expected and < int.MaxValue && framesRead < WholeShare * expected * rounds)
        {
            report($"{Name}: ends after {framesRead} of about {expected * rounds:0} frames; the file is damaged or incomplete.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        capture.Dispose();
    }
}
