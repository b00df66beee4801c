using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

/// <summary>Writes annotated frames to a video file, at the source's frame rate. Dispose finishes the file. Not thread-safe.</summary>
internal sealed class AnnotatedVideo : IFrameSink, IDisposable
{
    /// <summary>Free disk space in bytes below which writing stops. OpenCV's writer does not report failed writes, and most formats are unreadable without
    /// their final part, so enough space must remain for that part and for the encoder's buffers.</summary>
    private const long ReserveBytes = 16 * 1024 * 1024;

    // A longer gap in a live source becomes a cut: an hour of one repeated frame would be useless and slow to encode.
    private const double MaxGapSeconds = 5;

    private readonly string path;
    private readonly bool isLive;
    private readonly Sound? sound;
    private readonly double framesPerSecond;
    private readonly StageTimings timings;
    private readonly CancellationToken stop;
    private readonly Action<string>? report;
    private readonly Annotator annotator = new();
    private readonly Frame fitted = new();
    private Frame drawn = new();
    private Frame canvas = new();
    private Frame previous = new();
    private IVideoEncoder? encoder;
    private Size size;
    private long framesWritten;
    private long framesCut;

    /// <summary>Checks that the file can be written; the first frame sets the video's size.</summary>
    /// <param name="report">Receives a warning if a fallback encoder is used.</param>
    /// <param name="stop">Cancelled if the user ended the run, which may have ended the encoder too.</param>
    public AnnotatedVideo(
        string path, double framesPerSecond, bool isLive = false, Sound? sound = null, StageTimings? timings = null, Action<string>? report = null, CancellationToken stop = default)
    {
        VideoEncoder.Check(path);
        OutputFiles.CheckWritable(makesFolders: false, path);
        (this.path, this.framesPerSecond, this.isLive, this.sound) = (path, framesPerSecond, isLive, sound);
        (this.timings, this.report, this.stop) = (timings ?? new StageTimings(), report, stop);
    }

    /// <summary>Appends an annotated copy of a frame at its time. At the video's constant frame rate, the previous frame (or the first) is repeated until the new
    /// one is due, and frames in excess are dropped, so the video plays in real time. The original stays unchanged: the window annotates differently (mirrored,
    /// or without bars).</summary>
    public void Write(Frame frame, FrameResult result)
    {
        using (timings.Measure("draw"))
        {
            frame.CopyTo(drawn);
            annotator.Draw(drawn, result.Faces);
        }

        using (timings.Measure("encode"))
        {
            WriteDrawn(result.Timestamp);
        }
    }

    public void Dispose()
    {
        encoder?.Dispose();
        drawn.Dispose();
        fitted.Dispose();
        canvas.Dispose();
        previous.Dispose();
    }

    private void WriteDrawn(TimeSpan timestamp)
    {
        encoder ??= Open(drawn);
        long due = (long)Math.Round(timestamp.TotalSeconds * framesPerSecond) + 1 - framesCut;
        if (isLive && due - framesWritten > MaxGapSeconds * framesPerSecond)
        {
            framesCut += due - framesWritten - 1;
            due = framesWritten + 1;
        }

        Fit();
        if (FreeSpace.Of(path) < ReserveBytes)
        {
            throw new IOException($"{path}: the disk is full; the video was finished and ends here. Free some space, or write to another disk.");
        }

        for (; framesWritten < due; framesWritten++)
        {
            encoder.Write(framesWritten < due - 1 && previous.Width > 0 ? previous : canvas);
        }

        (canvas, previous) = (previous, canvas);
    }

    private IVideoEncoder Open(Frame frame)
    {
        size = new Size(frame.Width + (frame.Width % 2), frame.Height + (frame.Height % 2));
        return VideoEncoder.Create(new VideoFormat(path, framesPerSecond, size, sound), line => report?.Invoke(line), stop);
    }

    // Scales and pads the drawn frame to the canvas, which has the video's size.
    private void Fit()
    {
        if (drawn.Width == size.Width && drawn.Height == size.Height)
        {
            (drawn, canvas) = (canvas, drawn);
            return;
        }

        Frame fit = drawn;
        if (drawn.Width > size.Width || drawn.Height > size.Height)
        {
            double scale = Math.Min((double)size.Width / drawn.Width, (double)size.Height / drawn.Height);
            drawn.ResizeTo(fitted, Math.Max(1, (int)(drawn.Width * scale)), Math.Max(1, (int)(drawn.Height * scale)), InterpolationFlags.Area);
            fit = fitted;
        }

        fit.PadTo(canvas, size.Width, size.Height);
    }
}
