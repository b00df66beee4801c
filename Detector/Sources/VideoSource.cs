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

    private readonly int loop;
    private VideoCapture capture;
    private int rounds = 1;
    private readonly Mat first = new();
    private readonly Stopwatch clock = new();
    private long framesRead;

    /// <summary>Opens a video and decodes its first frame.</summary>
    /// <param name="pathOrUrl">A file that exists, or a URL.</param>
    /// <param name="isLive">Whether frames arrive as they happen.</param>
    /// <param name="loop">How often a file is played.</param>
    /// <exception cref="InvalidDataException">It is no video.</exception>
    public VideoSource(string pathOrUrl, bool isLive, int loop = 1)
    {
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
        timestamp = IsLive ? clock.Elapsed : TimeSpan.FromSeconds(framesRead / FramesPerSecond);
        clock.Start();
        if (framesRead == 0)
        {
            frame.CopyFrom(first.View);
        }
        else if (!capture.Read(frame) && !(rounds < loop && Rewind() && capture.Read(frame)))
        {
            return false;
        }

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

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        capture.Dispose();
    }
}
