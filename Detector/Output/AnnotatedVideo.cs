using MlNetEmotion.Programs;
using MlNetEmotion.Native;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Output;

/// <summary>A video file of annotated frames, at the source's rate. Dispose finishes the file. Not thread-safe.</summary>
internal sealed class AnnotatedVideo : IDisposable
{
    // What players and browsers open comes first; the others are for builds of FFmpeg without an H.264 encoder.
    private static readonly Dictionary<string, string[]> Codecs = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = ["avc1", "mp4v"],
        [".m4v"] = ["avc1", "mp4v"],
        [".mov"] = ["avc1", "mp4v"],
        [".mkv"] = ["H264", "mp4v"],
        [".avi"] = ["MJPG"],
        [".webm"] = ["VP80"],
    };

    // A live source that stays away for longer leaves a cut: an hour of the same frame is nothing to watch, or to wait for.
    private const double LongestGapSeconds = 5;

    private readonly string path;
    private readonly bool isLive;
    private readonly double framesPerSecond;
    private readonly Mat fitted = new();
    private readonly Mat padded = new();
    private readonly DiskSpace disk;
    private VideoWriter? writer;
    private (int Width, int Height) size;
    private long framesWritten;
    private long framesCut;

    /// <summary>Makes sure that the file can be written; the first frame decides its size.</summary>
    /// <param name="path">A file that ends in .mp4, .m4v, .mov, .mkv, .avi or .webm.</param>
    /// <param name="framesPerSecond">The source's rate.</param>
    /// <param name="isLive">Whether the source may stay away for a while.</param>
    /// <exception cref="UsageException">The ending is another, or the file cannot be written.</exception>
    public AnnotatedVideo(string path, double framesPerSecond, bool isLive = false)
    {
        if (!Codecs.ContainsKey(Path.GetExtension(path)))
        {
            throw new UsageException($"{path}: videos are written as {string.Join(", ", Codecs.Keys)}.");
        }

        OutputFiles.Create(path).Dispose();
        this.path = path;
        disk = new DiskSpace(path);
        this.isLive = isLive;
        this.framesPerSecond = framesPerSecond;
    }

    /// <summary>
    /// Appends a frame at its time: once, where frames come at the stated rate; a live source that is slower has its frames
    /// repeated, one that is faster has some dropped, so that the video plays as fast as things happened.
    /// </summary>
    /// <param name="frame">BGR; one of another size than the first is fitted into that, with black beside it.</param>
    /// <param name="timestamp">The frame's time, since the first.</param>
    /// <exception cref="UsageException">OpenCV cannot encode such a video.</exception>
    /// <exception cref="IOException">The disk is nearly full.</exception>
    public void Write(Mat frame, TimeSpan timestamp)
    {
        writer ??= Open(frame);
        long due = (long)Math.Round(timestamp.TotalSeconds * framesPerSecond) + 1 - framesCut;
        if (isLive && due - framesWritten > LongestGapSeconds * framesPerSecond)
        {
            framesCut += due - framesWritten - 1;
            due = framesWritten + 1;
        }

        Mat fit = Fit(frame);
        disk.Check();
        for (; framesWritten < due; framesWritten++)
        {
            writer.Write(fit);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer?.Dispose();
        fitted.Dispose();
        padded.Dispose();
    }

    private VideoWriter Open(Mat frame)
    {
        // H.264 stores colours for blocks of 2x2 pixels.
        size = (frame.Width + (frame.Width % 2), frame.Height + (frame.Height % 2));
        NativeException? failure = null;
        foreach (string fourcc in Codecs[Path.GetExtension(path)])
        {
            try
            {
                return new VideoWriter(path, fourcc, framesPerSecond, size.Width, size.Height);
            }
            catch (NativeException e)
            {
                failure = e;
            }
        }

        throw new UsageException($"{path}: this OpenCV cannot encode such a video of {size.Width}x{size.Height} pixels; try one that ends in .avi.", failure!);
    }

    private Mat Fit(Mat frame)
    {
        Mat fit = frame;
        if (frame.Width > size.Width || frame.Height > size.Height)
        {
            double scale = Math.Min((double)size.Width / frame.Width, (double)size.Height / frame.Height);
            frame.ResizeTo(fitted, Math.Max(1, (int)(frame.Width * scale)), Math.Max(1, (int)(frame.Height * scale)), Interpolation.Area);
            fit = fitted;
        }

        if (fit.Width == size.Width && fit.Height == size.Height)
        {
            return fit;
        }

        fit.PadTo(padded, size.Width, size.Height);
        return padded;
    }
}
