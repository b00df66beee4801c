using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream, whoever decodes it: its rate, its times and its end.</summary>
internal abstract class VideoReader(string name, Action<string> report) : IFrameSource
{
    // Above this a stated rate is a container's tick, not a frame rate.
    private const double MaxFramesPerSecond = 240;

    private const double UsualFramesPerSecond = 30;

    // Containers round their length; so many frames fewer than stated are no sign of damage.
    private const double WholeShare = 0.95;

    private static readonly string[] Extensions =
        [".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"];

    private readonly Stopwatch clock = new();
    private TimeSpan last;
    private long framesRead;
    private volatile bool isEnded;

    public string Name { get; } = StreamAddress.Hide(name);
    public double FramesPerSecond { get; protected init; }
    public bool IsLive { get; protected init; }
    public long? FrameCount { get; protected init; }

    /// <summary>Whether a file's name is a video's. In folders only such files are looked at; a file that is named may
    /// have any.</summary>
    public static bool IsVideo(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>A stated rate, or the usual one where that is none.</summary>
    public static double PlausibleRate(double stated) => stated is > 0 and <= MaxFramesPerSecond ? stated : UsualFramesPerSecond;

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = clock.Elapsed;
        if (!ReadNext(frame, out TimeSpan stated))
        {
            if (!isEnded && !IsLive && FrameCount is { } expected && framesRead < WholeShare * expected)
            {
                report($"{Name}: ends after {framesRead} of about {expected} frames; the file is damaged or incomplete.");
            }

            return false;
        }

        clock.Start();
        if (!IsLive)
        {
            // Phones let the time between frames vary. Where a file states none, or one that runs backwards, frames come at its rate.
            timestamp = framesRead == 0 ? TimeSpan.Zero : stated > last ? stated : last + TimeSpan.FromSeconds(1 / FramesPerSecond);
        }

        last = timestamp;
        framesRead++;
        return true;
    }

    public virtual void Interrupt() => isEnded = true;

    public abstract void Dispose();

    /// <summary>What is told of an input that is no video.</summary>
    protected static InvalidDataException Unreadable(string pathOrUrl) => new(FrameSources.IsUrl(pathOrUrl)
        ? $"{pathOrUrl}: cannot be reached, or is no video stream."
        : $"{pathOrUrl}: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI.");

    /// <summary>Decodes the next frame; <paramref name="stated"/> is its time in the file, since the first.</summary>
    protected abstract bool ReadNext(Frame frame, out TimeSpan stated);
}
