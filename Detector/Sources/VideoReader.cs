using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>The base of video decoders: checks the frame rate, corrects frames' times and sizes, and reports a premature end.</summary>
internal abstract class VideoReader(string name, Action<string> report) : IFrameSource
{
    /// <summary>The highest plausible frame rate. Above it, a stated rate is the container's clock tick.</summary>
    public const double MaxFramesPerSecond = 240;

    private const double DefaultFramesPerSecond = 30;

    // Containers round their length: a video that reaches this fraction of it counts as complete.
    private const double MinLengthFraction = 0.95;

    // If a frame's time is before the last frame's by more than both of these, an appended recording begins; smaller steps back come from frame
    // reordering or rounding.
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

    /// <summary>The container's clock time that counts as zero: its start, which may be that of its sound.</summary>
    public TimeSpan StartTime { get; protected set; }

    /// <summary>The number of frames read and the last one's time, for messages.</summary>
    protected string Position => $"after {Quantity.Pluralize(framesRead, "frame")}{(framesRead > 0 && !IsLive ? $" at {last.TotalSeconds:0.0} s" : "")}";

    protected Action<string> Report => report;

    private TimeSpan Step => TimeSpan.FromSeconds(1 / FramesPerSecond);

    /// <summary>Whether a file's name is a video's. Selects files in folders; a file that is named itself may have any name.</summary>
    public static bool IsVideo(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>Returns the stated rate, or the default if it is not plausible.</summary>
    public static double PlausibleRate(double stated) => stated is > 0 and <= MaxFramesPerSecond ? stated : DefaultFramesPerSecond;

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

    /// <summary>Creates the error of an input that is not a video.</summary>
    /// <param name="refusal">The HTTP error status of the server; null if there was none.</param>
    public static InvalidDataException Unreadable(string pathOrUrl, string? refusal = null) => new(
        !FrameSources.IsUrl(pathOrUrl) ? $"{pathOrUrl}: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI."
        : refusal is null ? $"{pathOrUrl}: cannot be reached, or is no video stream."
        : refusal.StartsWith("401", StringComparison.Ordinal) || refusal.StartsWith("403", StringComparison.Ordinal)
            ? $"{pathOrUrl}: the server refuses access ({refusal}). Check the name and password in the address before the host: NAME:PASSWORD@HOST."
        : $"{pathOrUrl}: the server answers {refusal}.");

    /// <summary>Whether a video ends well before the length that its header states.</summary>
    protected static bool IsShort(TimeSpan end, TimeSpan length) => end < MinLengthFraction * length;

    /// <summary>Waits for <see cref="Interrupt"/>; returns whether it was called, before or within the time.</summary>
    protected bool IsInterruptedWithin(TimeSpan time) => interrupted.Wait(time);

    /// <summary>Decodes the next frame; returns false at the end.</summary>
    /// <param name="stated">The frame's time since the container's start; null if the container has none.</param>
    /// <param name="aspect">The true aspect ratio (width / height) of a frame that was stretched; 0 if it was not.</param>
    protected abstract bool ReadNext(Frame frame, out TimeSpan? stated, out double aspect);

    /// <summary>Checks whether the video ended prematurely; returns the evidence, or null for a regular end.</summary>
    /// <param name="end">The end of the last frame.</param>
    /// <exception cref="IOException">Frames are missing that a retry may read.</exception>
    protected abstract string? CheckEnd(TimeSpan end);

    // Frame times vary in phones' videos. A frame without a time follows at the frame rate; if the container's clock restarts, as in joined
    // recordings, times continue.
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

    // All frames get the first one's size, so that boxes and tracks stay comparable. A later frame of another shape is fitted into it without
    // distortion, with black bars.
    private void Fit(Frame frame, double aspect)
    {
        size = framesRead == 1 ? (frame.Width, frame.Height) : size;
        bool isShaped = Math.Abs((aspect * size.Height) - size.Width) < 2;    // chroma planes need even sides
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
