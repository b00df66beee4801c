using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Output;

/// <summary>Encodes raw frames with an ffmpeg process, which also adds the source's sound. Not thread-safe.</summary>
internal sealed class FfmpegEncoder : IVideoEncoder
{
    private static readonly ConcurrentDictionary<string, bool> Known = new();

    private readonly VideoFormat format;
    private readonly CancellationToken stop;
    private readonly Process ffmpeg;
    private readonly Task<string> errors;

    /// <param name="stop">Cancelled if the user ended the run.</param>
    public FfmpegEncoder(VideoFormat format, string codec, CancellationToken stop)
    {
        (this.format, this.stop) = (format, stop);
        ffmpeg = Ffmpeg.Start(Arguments(format, codec), takesInput: true);
        errors = ffmpeg.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Whether ffmpeg is on the PATH and has an encoder.</summary>
    public static bool Has(string codec) => Known.GetOrAdd(codec, static name =>
    {
        try
        {
            using Process ffmpeg = Ffmpeg.Start(["-hide_banner", "-encoders"]);
            bool isListed = ffmpeg.StandardOutput.ReadToEnd().Contains($" {name} ", StringComparison.Ordinal);
            ffmpeg.WaitForExit();
            return isListed;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    public void Write(Frame frame)
    {
        try
        {
            ffmpeg.StandardInput.BaseStream.Write(frame.Bytes);
        }
        catch (IOException)
        {
            Check();    // the process has ended
        }
    }

    public void Dispose()
    {
        using (ffmpeg)
        {
            ffmpeg.StandardInput.BaseStream.Dispose();
            Check();
        }
    }

    private static string[] Arguments(VideoFormat format, string codec)
    {
        FormattableString frames = $"-loglevel error -f rawvideo -framerate {format.FramesPerSecond} -pixel_format bgr24 -video_size {format.Size.Width}x{format.Size.Height} -i pipe:0";
        (string quality, string audio) = codec == "libx264"
            ? ("-preset veryfast -crf 20", "aac")
            : ("-deadline realtime -cpu-used 6 -row-mt 1 -crf 32 -b:v 0", "libopus");

        // Sound keeps its time by the file's clock, as the frames do. Gaps and the time after the sound's end are filled with silence, up to the last
        // frame.
        string shift = (-(format.Sound?.StartTime ?? default)).TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);
        string[] input = format.Sound is { } file ? ["-copyts", "-itsoffset", shift, "-i", Ffmpeg.Input(file.Path)] : [];
        string sound = format.Sound is null ? "" : $" -map 1:a:0? -c:a {audio} -b:a 160k -af aresample=async=1:first_pts=0,apad -shortest";

        // A fragmented MP4 can be played even if it is truncated; Matroska always can.
        string fragments = Path.GetExtension(format.Path).ToUpperInvariant() is ".MP4" or ".M4V" or ".MOV"
            ? " -movflags +delay_moov+default_base_moof -frag_duration 1000000" : "";
        string output = $"-map 0:v -c:v {codec} -pix_fmt yuv420p {quality}{sound}{fragments} -y";
        return [.. FormattableString.Invariant(frames).Split(' '), .. input, .. output.Split(' '), Ffmpeg.Input(format.Path)];
    }

    private void Check()
    {
        ffmpeg.WaitForExit();
        if (Ffmpeg.WasSignalled(ffmpeg.ExitCode))
        {
            // Ctrl+C reaches ffmpeg too, which then finishes the file; after other signals the fragments written so far remain.
            if (!stop.WaitHandle.WaitOne(Ffmpeg.SignalDelay))
            {
                throw new IOException($"{format.Path}: ffmpeg was ended by another program (exit code {ffmpeg.ExitCode}); the video ends too early.");
            }
        }
        else if (ffmpeg.ExitCode != 0)
        {
            throw new IOException($"{format.Path}: ffmpeg failed: {string.Join(' ', errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(2))}");
        }
    }
}
