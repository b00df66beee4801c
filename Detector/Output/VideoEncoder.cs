using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Output;

/// <summary>The parameters of a video file.</summary>
/// <param name="Path">The file; its extension selects the container.</param>
/// <param name="Size">Even width and height: H.264 stores chroma per 2x2 pixels.</param>
/// <param name="Sound">The sound of the frames; null for none.</param>
internal sealed record VideoFormat(string Path, double FramesPerSecond, Size Size, Sound? Sound);

/// <summary>The sound track of a file.</summary>
/// <param name="StartTime">The file's clock time of the first frame.</param>
internal sealed record Sound(string Path, TimeSpan StartTime);

/// <summary>Writes frames of one size as a video. Dispose finishes the file.</summary>
internal interface IVideoEncoder : IDisposable
{
    void Write(Frame frame);
}

internal static class VideoEncoder
{
    // Per container, ffmpeg's encoder and the codec of OpenCV's own encoders.
    private static readonly Dictionary<string, (string? Ffmpeg, string? OpenCv)> Codecs = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = ("libx264", "mp4v"),
        [".m4v"] = ("libx264", "mp4v"),
        [".mov"] = ("libx264", "mp4v"),
        [".mkv"] = ("libx264", "mp4v"),
        [".avi"] = (null, "MJPG"),
        [".webm"] = ("libvpx-vp9", null),
    };

    public static void Check(string path)
    {
        if (!Codecs.TryGetValue(Path.GetExtension(path), out (string? Ffmpeg, string? OpenCv) codecs))
        {
            throw new UsageException($"{path}: an unsupported video format, expected {string.Join(", ", Codecs.Keys)}; for still images name a folder, or a file such as out.jpg.");
        }

        if (codecs.OpenCv is null && !FfmpegEncoder.Has(codecs.Ffmpeg!))
        {
            throw new UsageException($"{path}: this needs ffmpeg with {codecs.Ffmpeg} on the PATH. Install it ({Ffmpeg.Installation}), or name a file that ends in .mp4.");
        }
    }

    /// <summary>Creates ffmpeg's H.264 or VP9 encoder if available, otherwise OpenCV's own, without sound.</summary>
    /// <param name="stop">Cancelled if the user ended the run, which may have ended ffmpeg too.</param>
    public static IVideoEncoder Create(VideoFormat format, Action<string> report, CancellationToken stop)
    {
        (string? ffmpeg, string? openCv) = Codecs[Path.GetExtension(format.Path)];
        if (ffmpeg is not null && FfmpegEncoder.Has(ffmpeg))
        {
            return new FfmpegEncoder(format, ffmpeg, stop);
        }

        if (ffmpeg is not null)
        {
            report($"{format.Path}: written as MPEG-4 part 2, without sound: H.264 needs ffmpeg with {ffmpeg} on the PATH ({Ffmpeg.Installation}).");
        }

        return new OpenCvEncoder(format, openCv!);
    }
}

internal sealed class OpenCvEncoder : IVideoEncoder
{
    private readonly VideoWriter writer;

    public OpenCvEncoder(VideoFormat format, string fourcc)
    {
        writer = new VideoWriter(format.Path, VideoCaptureAPIs.FFMPEG, FourCC.FromString(fourcc), format.FramesPerSecond, format.Size);
        if (!writer.IsOpened())
        {
            writer.Dispose();
            throw new UsageException(
                $"{format.Path}: OpenCV cannot encode such a video of {format.Size.Width}x{format.Size.Height} pixels; try one that ends in .avi.");
        }
    }

    public void Write(Frame frame) => writer.Write(frame.Mat);

    public void Dispose() => writer.Dispose();
}
