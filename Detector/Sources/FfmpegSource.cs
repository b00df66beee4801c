using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;

namespace MlNetEmotion.Detector.Sources;

/// <summary>
/// A stream or recording on the network, decoded by an ffmpeg process: the FFmpeg in OpenCvSharp's package for Linux is built without network
/// protocols (shimat/opencvsharp#2083). The frames come as a YUV4MPEG2 stream: a header line, then planes of 4:2:0, all of the first frame's size.
/// </summary>
internal sealed class FfmpegSource : IFrameSource
{
    // A server that sends nothing for longer has gone.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Process ffmpeg;
    private readonly Stream output;
    private readonly Timer watchdog;
    private readonly TaskCompletionSource<TimeSpan> lengths = new();
    private readonly Frame planes = new();
    private readonly Stopwatch clock = new();
    private readonly int height;
    private long framesRead;

    private FfmpegSource(string url, Process ffmpeg)
    {
        Name = url;
        this.ffmpeg = ffmpeg;
        ffmpeg.ErrorDataReceived += (_, line) => Note(line.Data);
        ffmpeg.BeginErrorReadLine();
        output = new BufferedStream(ffmpeg.StandardOutput.BaseStream, 1 << 16);
        watchdog = new Timer(_ => End(), null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        string[] header = ReadLine().Split(' ');
        if (header[0] != "YUV4MPEG2")
        {
            Dispose();
            throw new InvalidDataException($"{url}: cannot be reached, or is no video stream.");
        }

        int width = int.Parse(Field(header, 'W'), CultureInfo.InvariantCulture);
        height = int.Parse(Field(header, 'H'), CultureInfo.InvariantCulture);
        double[] rate = [.. Field(header, 'F').Split(':').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        FramesPerSecond = rate[0] / rate[1] is > 0 and <= VideoSource.MaxFramesPerSecond and var known ? known : 30;
        planes.Create(width, height * 3 / 2, MatType.CV_8UC1);

        // A recording has a length, a camera none. ffmpeg says which before the first frame, but on another pipe.
        TimeSpan length = lengths.Task.Wait(Timeout) ? lengths.Task.Result : TimeSpan.Zero;
        IsLive = length == TimeSpan.Zero;
        FrameCount = IsLive ? null : (long)Math.Round(length.TotalSeconds * FramesPerSecond);
    }

    public string Name { get; }

    public double FramesPerSecond { get; }

    public bool IsLive { get; }

    public long? FrameCount { get; }

    /// <summary>Opens a stream; null where there is no ffmpeg on the PATH.</summary>
    /// <exception cref="InvalidDataException">It cannot be reached, or is no video.</exception>
    public static FfmpegSource? TryOpen(string url)
    {
        // Even sides, since each value of a colour is for 2x2 pixels.
        string[] args =
        [
            "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", "-i", url, "-map", "0:v:0", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2",
            "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "pipe:1",
        ];
        try
        {
            var start = new ProcessStartInfo("ffmpeg", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            return new FfmpegSource(url, Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        watchdog.Change(Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        timestamp = IsLive ? clock.Elapsed : TimeSpan.FromSeconds(framesRead / FramesPerSecond);
        for (int value = output.ReadByte(); value != '\n'; value = output.ReadByte())
        {
            if (value < 0)
            {
                return false;
            }
        }

        for (int y = 0; y < planes.Height; y++)
        {
            if (output.ReadAtLeast(planes.Row(y), planes.Width, throwOnEndOfStream: false) < planes.Width)
            {
                return false;
            }
        }

        planes.ConvertTo(frame, ColorConversionCodes.YUV2BGR_I420);
        clock.Start();
        framesRead++;
        return true;
    }

    public void Interrupt() => End();

    public void Dispose()
    {
        End();
        watchdog.Dispose();
        ffmpeg.WaitForExit();
        ffmpeg.Dispose();
        output.Dispose();
        planes.Dispose();
    }

    private static string Field(string[] header, char name) =>
        header.FirstOrDefault(field => field.StartsWith(name))?[1..] ?? throw new InvalidDataException($"no {name} in {string.Join(' ', header)}");

    private void End()
    {
        try
        {
            ffmpeg.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended, or was never waited for.
        }
    }

    private void Note(string? line)
    {
        if (line?.Split("Duration: ") is [_, var duration, ..])
        {
            lengths.TrySetResult(TimeSpan.TryParse(duration.Split(',')[0], CultureInfo.InvariantCulture, out TimeSpan length) ? length : TimeSpan.Zero);
        }
    }

    // ASCII, without its end; empty at the stream's end.
    private string ReadLine()
    {
        var line = new StringBuilder();
        for (int value = output.ReadByte(); value is >= 0 and not '\n' && line.Length < 256; value = output.ReadByte())
        {
            line.Append((char)value);
        }

        return line.ToString();
    }
}
