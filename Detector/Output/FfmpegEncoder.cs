using System.Collections.Concurrent;
using System.ComponentModel;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Pipes;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

/// <summary>Sends raw frames to an ffmpeg process, which encodes them and adds the source's sound. Not
/// thread-safe.</summary>
internal sealed class FfmpegEncoder : IVideoEncoder, IPipeSource
{
    // ffmpeg's exit code after a signal: Ctrl+C reaches it as well, and it finishes the file by itself. Of a closed terminal (128 + SIGHUP)
    // it knows nothing, and leaves the fragments that are written.
    private const int Interrupted = 255;
    private const int HungUp = 129;

    private static readonly ConcurrentDictionary<string, bool> Known = new();

    private readonly VideoFormat format;
    private readonly TaskCompletionSource<Stream> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<FFMpegResult> process;
    private Stream? pipe;

    public FfmpegEncoder(VideoFormat format, string codec)
    {
        this.format = format;
        FFMpegArguments arguments = FFMpegArguments.FromPipeInput(this);
        (string quality, string audio) = codec == "libx264"
            ? ("-preset veryfast -crf 20", "aac")
            : ("-deadline realtime -cpu-used 6 -row-mt 1 -crf 32 -b:v 0", "libopus");

        // An MP4 plays without its end where its index is written bit by bit; Matroska always does.
        string fragments = Path.GetExtension(format.Path).ToUpperInvariant() is ".MP4" or ".M4V" or ".MOV"
            ? " -movflags +delay_moov+default_base_moof -frag_duration 1000000" : "";
        string sound = "";
        if (format.SoundFrom is not null)
        {
            // Silence where the sound ends before the frames, and no more of it than frames.
            sound = $" -map 1:a:0? -c:a {audio} -b:a 160k -af apad -shortest";
            arguments = arguments.AddFileInput(Quoted(format.SoundFrom), verifyExists: false);
        }

        process = arguments
            .OutputToFile(Quoted(format.Path), overwrite: true, options =>
                options.WithCustomArgument($"-map 0:v -c:v {codec} -pix_fmt yuv420p {quality}{sound}{fragments}"))
            .WithLogLevel(FFMpegLogLevel.Error)
            .ProcessAsynchronously(throwOnError: false);
    }

    /// <summary>Whether there is an ffmpeg on the PATH that has an encoder.</summary>
    public static bool Has(string codec) => Known.GetOrAdd(codec, static name =>
    {
        try
        {
            var start = new ProcessStartInfo("ffmpeg", ["-hide_banner", "-encoders"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using Process ffmpeg = Process.Start(start)!;
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
            if (pipe is not null || Task.WaitAny(connected.Task, process) == 0)
            {
                pipe ??= connected.Task.Result;
                for (int y = 0; y < frame.Height; y++)
                {
                    pipe.Write(frame.Row(y));
                }

                return;
            }
        }
        catch (IOException)
        {
            // The process has ended and says why.
        }

        Check();
    }

    public void Dispose()
    {
        allWritten.TrySetResult();
        Check();
    }

    string IPipeSource.GetStreamArguments() =>
        $"-f rawvideo -framerate {format.FramesPerSecond} -pixel_format bgr24 -video_size {format.Size.Width}x{format.Size.Height}";

    async Task IPipeSource.WriteAsync(Stream outputStream, CancellationToken cancellationToken)
    {
        connected.SetResult(outputStream);
        await allWritten.Task.WaitAsync(cancellationToken);
        await outputStream.FlushAsync(cancellationToken);
    }

    // Paths are given as full ones: one that begins with a hyphen would be an option.
    private static string Quoted(string path) => Path.GetFullPath(path).Replace("\"", "\\\"", StringComparison.Ordinal);

    private void Check()
    {
        FFMpegResult result = process.GetAwaiter().GetResult();
        if (result.ExitCode is not (0 or Interrupted or HungUp))
        {
            throw new IOException($"{format.Path}: ffmpeg failed: {string.Join(' ', result.StandardError.TakeLast(2))}");
        }
    }
}
