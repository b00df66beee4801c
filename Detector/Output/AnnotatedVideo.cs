using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

/// <summary>A video file of annotated frames, at the source's rate. Dispose finishes the file. Not
/// thread-safe.</summary>
internal sealed class AnnotatedVideo : IFrameSink, IDisposable
{
    /// <summary>/// OpenCV's writer says nothing when a write fails, and most formats are unreadable without the part
    /// that is written last; so a run must stop while there is still room for that, and for what the encoder still
    /// holds back.</summary>
    private const long ReserveBytes = 16 * 1024 * 1024;

    // A live source that stays away for longer leaves a cut: an hour of the same frame is nothing to watch, or to wait for.
    private const double LongestGapSeconds = 5;

    private readonly string path;
    private readonly bool isLive;
    private readonly string? soundFrom;
    private readonly double framesPerSecond;
    private readonly StageTimings timings;
    private readonly Action<string>? report;
    private readonly Annotator annotator = new();
    private readonly Frame canvas = new();
    private readonly Frame fitted = new();
    private readonly Frame padded = new();
    private readonly DriveInfo drive;
    private IVideoEncoder? encoder;
    private Size size;
    private long framesWritten;
    private long framesCut;

    /// <summary>Makes sure that the file can be written; the first frame decides its size.</summary>
    /// <param name="report">Receives a line where the video is not written as usual.</param>
    public AnnotatedVideo(string path, double framesPerSecond, bool isLive = false, string? soundFrom = null, StageTimings? timings = null, Action<string>? report = null)
    {
        VideoEncoder.Check(path);
        OutputFiles.CheckWritable(makesFolders: false, path);
        drive = new DriveInfo(Path.GetFullPath(path));
        (this.path, this.framesPerSecond, this.isLive, this.soundFrom) = (path, framesPerSecond, isLive, soundFrom);
        this.timings = timings ?? new StageTimings();
        this.report = report;
    }

    /// <summary>Appends a frame with what was found in it: drawn onto a copy, since the window draws otherwise,
    /// mirrored perhaps, or without bars.</summary>
    public bool Write(Frame frame, FrameResult result)
    {
        using (timings.Measure("draw"))
        {
            frame.CopyTo(canvas);
            annotator.Draw(canvas, result.Faces);
        }

        using (timings.Measure("encode"))
        {
            Write(canvas, result.Timestamp);
        }

        return true;
    }

    /// <summary>/// Appends a frame at its time: once, where frames come at the stated rate; a live source that is
    /// slower has its frames repeated, one that is faster has some dropped, so that the video plays as fast as things
    /// happened.</summary>
    public void Write(Frame frame, TimeSpan timestamp)
    {
        encoder ??= Open(frame);
        long due = (long)Math.Round(timestamp.TotalSeconds * framesPerSecond) + 1 - framesCut;
        if (isLive && due - framesWritten > LongestGapSeconds * framesPerSecond)
        {
            framesCut += due - framesWritten - 1;
            due = framesWritten + 1;
        }

        Frame fit = Fit(frame);
        if (FreeBytes() < ReserveBytes)
        {
            throw new IOException($"{path}: the disk is full; the video was finished and ends here. Free some space, or write to another disk.");
        }

        for (; framesWritten < due; framesWritten++)
        {
            encoder.Write(fit);
        }
    }

    public void Dispose()
    {
        encoder?.Dispose();
        canvas.Dispose();
        fitted.Dispose();
        padded.Dispose();
    }

    private IVideoEncoder Open(Frame frame)
    {
        size = new Size(frame.Width + (frame.Width % 2), frame.Height + (frame.Height % 2));
        return VideoEncoder.Create(new VideoFormat(path, framesPerSecond, size, soundFrom), line => report?.Invoke(line));
    }

    private Frame Fit(Frame frame)
    {
        Frame fit = frame;
        if (frame.Width > size.Width || frame.Height > size.Height)
        {
            double scale = Math.Min((double)size.Width / frame.Width, (double)size.Height / frame.Height);
            frame.ResizeTo(fitted, Math.Max(1, (int)(frame.Width * scale)), Math.Max(1, (int)(frame.Height * scale)), InterpolationFlags.Area);
            fit = fitted;
        }

        if (fit.Width == size.Width && fit.Height == size.Height)
        {
            return fit;
        }

        fit.PadTo(padded, size.Width, size.Height);
        return padded;
    }

    // Where the system can't tell, a device or a strange file system, nothing is watched.
    private long FreeBytes()
    {
        try
        {
            return drive.AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
