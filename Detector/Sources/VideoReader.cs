using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream, whoever decodes it: its rate, its times and its end.</summary>
internal abstract class VideoReader(string name, Action<string> report) : IFrameSource
{
    // Above this a stated rate is a container's tick, not a frame rate.
    private const double MaxFramesPerSecond = 240;

    private const double UsualFramesPerSecond = 30;

    // Containers round their length; an end so little before it is no sign of damage.
    private const double WholeShare = 0.95;

    // Frames that the container puts before the last one by more than this, and by more than a few frames, begin another recording that was
    // appended; by less, their order or rounding is to blame.
    private const double MaxDisorderSeconds = 0.25;
    private const int MaxDisorderFrames = 4;

    private static readonly string[] Extensions =
        [".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"];

    private readonly Stopwatch clock = new();
    private readonly Frame fitted = new();
    private readonly ManualResetEventSlim interrupted = new();
    private (int Width, int Height) size;
    private TimeSpan offset;
    private TimeSpan last;
    private long framesRead;

    public string Name { get; } = UrlRedactor.Redact(name);
    public double FramesPerSecond { get; protected set; }
    public bool IsLive { get; protected set; }
    public long? FrameCount { get; protected set; }

    /// <summary>The time of the container's clock that counts as zero: its start, which may be that of its sound.</summary>
    public TimeSpan StartTime { get; protected set; }

    /// <summary>The number of frames read and the last one's time, for messages.</summary>
    protected string Position => $"after {Quantity.Pluralize(framesRead, "frame")}{(framesRead > 0 && !IsLive ? $" at {last.TotalSeconds:0.0} s" : "")}";

    protected Action<string> Report => report;

    private TimeSpan Step => TimeSpan.FromSeconds(1 / FramesPerSecond);

    /// <summary>Whether a file's name is a video's. In folders only such files are looked at; a file that is named may
    /// have any.</summary>
    public static bool IsVideo(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>A stated rate, or the usual one where that is none.</summary>
    public static double PlausibleRate(double stated) => stated is > 0 and <= MaxFramesPerSecond ? stated : UsualFramesPerSecond;

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        timestamp = clock.Elapsed;
        if (!ReadNext(frame, out TimeSpan? stated, out double aspect))
        {
            if (!interrupted.IsSet && CheckEnd(last + Step) is { } fault)
            {
                report($"{Name}: ends {Position}; the file is damaged or incomplete: {fault}.");
            }

            return false;
        }

        clock.Start();
        timestamp = IsLive ? timestamp : Time(stated);
        last = timestamp;
        framesRead++;
        Fit(frame, aspect > 0 ? aspect : (double)frame.Width / frame.Height);
        return true;
    }

    public virtual void Interrupt() => interrupted.Set();

    public virtual void Dispose() => fitted.Dispose();

    /// <summary>The error of an input that is no video.</summary>
    /// <param name="refusal">The status with which a server refused the address; null where none did.</param>
    public static InvalidDataException Unreadable(string pathOrUrl, string? refusal = null) => new(
        !FrameSources.IsUrl(pathOrUrl) ? $"{pathOrUrl}: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI."
        : refusal is null ? $"{pathOrUrl}: cannot be reached, or is no video stream."
        : refusal.StartsWith("401", StringComparison.Ordinal) || refusal.StartsWith("403", StringComparison.Ordinal)
            ? $"{pathOrUrl}: the server refuses access ({refusal}). Check the name and password, which stand in the address before its host: NAME:PASSWORD@HOST."
        : $"{pathOrUrl}: the server answers {refusal}.");

    /// <summary>Whether a video ends too early, by the length that its header states.</summary>
    protected static bool IsShort(TimeSpan end, TimeSpan length) => end < WholeShare * length;

    /// <summary>Whether <see cref="Interrupt"/> is called within a time, or was before.</summary>
    protected bool IsInterruptedWithin(TimeSpan time) => interrupted.Wait(time);

    /// <summary>Decodes the next frame; false at the end.</summary>
    /// <param name="stated">Its time since the container's start; null where the container has none for it.</param>
    /// <param name="aspect">Its true width by its height, where it was stretched to another shape; 0 where it was not.</param>
    protected abstract bool ReadNext(Frame frame, out TimeSpan? stated, out double aspect);

    /// <summary>The sign that a video ended before its end, if there is one.</summary>
    /// <param name="end">The time at which the last frame's successor was due.</param>
    /// <exception cref="IOException">Frames are missing that another try may read.</exception>
    protected abstract string? CheckEnd(TimeSpan end);

    // Phones let the time between frames vary. Where a container states no time, frames come at its rate; where its clock starts again, as in
    // recordings that were joined, times continue.
    private TimeSpan Time(TimeSpan? stated)
    {
        if (framesRead == 0)
        {
            return stated is { } first && first > TimeSpan.Zero ? first : TimeSpan.Zero;
        }

        TimeSpan next = last + Step;
        TimeSpan time = stated + offset ?? next;
        if (time > last)
        {
            return time;
        }

        if ((last - time).TotalSeconds > Math.Max(MaxDisorderSeconds, MaxDisorderFrames / FramesPerSecond))
        {
            offset += next - time;
        }

        return next;
    }

    // The first frame's size is the video's: boxes and tracks stay comparable. A later frame of another shape stands in it undistorted, with
    // black beside.
    private void Fit(Frame frame, double aspect)
    {
        size = framesRead == 1 ? (frame.Width, frame.Height) : size;
        bool isShaped = Math.Abs((aspect * size.Height) - size.Width) < 2;    // chroma planes want even sides
        if (isShaped && (frame.Width, frame.Height) == size)
        {
            return;
        }

        double height = Math.Min(size.Height, size.Width / aspect);
        int fittedWidth = Math.Clamp((int)Math.Round(height * aspect), 1, size.Width);
        int fittedHeight = Math.Clamp((int)Math.Round(height), 1, size.Height);
        frame.ResizeTo(fitted, fittedWidth, fittedHeight, fittedWidth < frame.Width ? InterpolationFlags.Area : InterpolationFlags.Linear);
        fitted.PadTo(frame, size.Width, size.Height);
    }
}
