using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Pipes;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Output;

/// <summary>Encodes raw frames with an ffmpeg process, which also adds the source's sound. Not thread-safe.</summary>
internal sealed class FfmpegEncoder : IVideoEncoder, IPipeSource
{
    private static readonly ConcurrentDictionary<string, bool> Known = new();

    private readonly VideoFormat format;
    private readonly CancellationToken stop;
    private readonly TaskCompletionSource<Stream> connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<FFMpegResult> process;
    private Stream? pipe;

    /// <param name="stop">Cancelled if the user ended the run.</param>
    public FfmpegEncoder(VideoFormat format, string codec, CancellationToken stop)
    {
        (this.format, this.stop) = (format, stop);
        FFMpegArguments arguments = FFMpegArguments.FromPipeInput(this);
        (string quality, string audio) = codec == "libx264"
            ? ("-preset veryfast -crf 20", "aac")
            : ("-deadline realtime -cpu-used 6 -row-mt 1 -crf 32 -b:v 0", "libopus");

        // A fragmented MP4 can be played even if it is truncated; Matroska always can.
        string fragments = Path.GetExtension(format.Path).ToUpperInvariant() is ".MP4" or ".M4V" or ".MOV"
            ? " -movflags +delay_moov+default_base_moof -frag_duration 1000000" : "";
        string sound = "";
        if (format.Sound is { } file)
        {
            // Sound keeps its time by the file's clock, as the frames do. Gaps and the time after the sound's end are filled with silence, up to the
            // last frame.
            sound = $" -map 1:a:0? -c:a {audio} -b:a 160k -af aresample=async=1:first_pts=0,apad -shortest";
            string shift = (-file.StartTime).TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);
            arguments = arguments.AddFileInput(Quoted(file.Path), verifyExists: false, options => options.WithCustomArgument($"-copyts -itsoffset {shift}"));
        }

        process = arguments
            .OutputToFile(Quoted(format.Path), overwrite: true, options =>
                options.WithCustomArgument($"-map 0:v -c:v {codec} -pix_fmt yuv420p {quality}{sound}{fragments}"))
            .WithLogLevel(FFMpegLogLevel.Error)
            .ProcessAsynchronously(throwOnError: false, new FFOptions { BinaryFolder = Path.GetDirectoryName(Ffmpeg.Find())! }, CancellationToken.None);
    }

    /// <summary>Whether ffmpeg is on the PATH and has an encoder.</summary>
    public static bool Has(string codec) => Known.GetOrAdd(codec, static name =>
    {
        try
        {
            using Process ffmpeg = Ffmpeg.Start("-hide_banner", "-encoders");
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
            // The process has ended; Check throws its error.
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

    // Full paths, because one that begins with a hyphen would be an option.
    private static string Quoted(string path) => Path.GetFullPath(path).Replace("\"", "\\\"", StringComparison.Ordinal);

    private void Check()
    {
        FFMpegResult result = process.GetAwaiter().GetResult();
        if (Ffmpeg.WasSignalled(result.ExitCode))
        {
            // Ctrl+C reaches ffmpeg too, which then finishes the file; after other signals the fragments written so far remain.
            if (!stop.WaitHandle.WaitOne(Ffmpeg.SignalDelay))
            {
                throw new IOException($"{format.Path}: ffmpeg was ended by another program (exit code {result.ExitCode}); the video ends too early.");
            }
        }
        else if (result.ExitCode != 0)
        {
            throw new IOException($"{format.Path}: ffmpeg failed: {string.Join(' ', result.StandardError.TakeLast(2))}");
        }
    }
}
