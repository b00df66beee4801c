using System.Collections.Concurrent;
using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream, decoded by an ffmpeg process. The FFmpeg inside OpenCvSharp's package for Linux
/// has no network protocols (shimat/opencvsharp#2083) and no assembly code, so that H.264 takes it twice as long
/// (shimat/opencvsharp#2085). Frames come as a YUV4MPEG2 stream, a header line and planes of 4:2:0, all of the first
/// frame's size; when each belongs on the screen is told on the other pipe.</summary>
internal sealed partial class FfmpegSource : VideoReader
{
    // A server that sends nothing for longer has gone.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // Linux' fcntl, and the most that it grants to whoever is not root.
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    private readonly Process ffmpeg;
    private readonly Stream output;
    private readonly Thread notes;
    private readonly Timer watchdog;
    private readonly TaskCompletionSource<TimeSpan> length = new();
    private readonly BlockingCollection<long> ticks = [];
    private readonly Frame planes = new();
    private long? firstTick;

    private FfmpegSource(string name, Process ffmpeg, int loop, Action<string> report)
        : base(name, report)
    {
        this.ffmpeg = ffmpeg;
        Stream error = ffmpeg.StandardError.BaseStream;
        notes = new Thread(() => ReadNotes(error)) { IsBackground = true, Name = "ffmpeg's notes" };
        notes.Start();
        output = ffmpeg.StandardOutput.BaseStream;
        if (OperatingSystem.IsLinux())
        {
            // A pipe holds 64 KiB unless told otherwise: for each frame, the two processes would wake each other a dozen times.
            _ = ControlPipe(((PipeStream)output).SafePipeHandle, SetPipeSize, PipeBytes);
        }

        watchdog = new Timer(_ => Interrupt(), null, Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        string[] header = ReadHeader().Split(' ');
        if (header[0] != "YUV4MPEG2")
        {
            Dispose();
            throw Unreadable(name);
        }

        FramesPerSecond = PlausibleRate(Quotient(Field('F'), ':'));
        planes.Create(int.Parse(Field('W')), int.Parse(Field('H')) * 3 / 2, MatType.CV_8UC1);

        // A recording has a length, a camera none.
        TimeSpan known = length.Task.Wait(Timeout) ? length.Task.Result : TimeSpan.Zero;
        IsLive = FrameSources.IsUrl(name) && known == TimeSpan.Zero;

        // A file's length is that of its longest part, which may be the sound.
        FrameCount = loop * (!FrameSources.IsUrl(name) ? VideoSource.CountFrames(name) : IsLive ? null : (long)Math.Round(known.TotalSeconds * FramesPerSecond));

        string Field(char letter) => header.FirstOrDefault(field => field.StartsWith(letter))?[1..]
            ?? throw new InvalidDataException($"no {letter} in {string.Join(' ', header)}");
    }

    /// <summary>Opens a file that exists, or a URL; null where there is no ffmpeg on the PATH.</summary>
    public static FfmpegSource? TryOpen(string pathOrUrl, Action<string> report, int loop = 1)
    {
        // Without 'file:', a name with a colon in it would be another protocol's.
        string input = FrameSources.IsUrl(pathOrUrl) ? pathOrUrl : "file:" + Path.GetFullPath(pathOrUrl);
        string[] rounds = loop > 1 ? ["-stream_loop", $"{loop - 1}"] : [];

        // Half of the cores, for the rest of the frame's way needs as much; each thread more costs time of all.
        // Even sides, for each value of a colour is of 2x2 pixels. A frame's time, in TimeSpan's ticks, is told by the filter that prints
        // frames' metadata, so each frame is given some. Numbered times keep ffmpeg from repeating and dropping frames.
        string[] args =
        [
            "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", $"{Math.Max(1, Environment.ProcessorCount / 2)}", .. rounds, "-i", input, "-map", "0:v:0",
            "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,settb=1/10000000,metadata=add:key=a:value=b,"
                + @"metadata=print:file=pipe\\:2:direct=1,setpts=N/FRAME_RATE/TB",
            "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "pipe:1",
        ];
        try
        {
            var start = new ProcessStartInfo("ffmpeg", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            return new FfmpegSource(pathOrUrl, Process.Start(start)!, loop, report);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public override void Interrupt()
    {
        base.Interrupt();
        try
        {
            ffmpeg.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public override void Dispose()
    {
        Interrupt();
        watchdog.Dispose();
        ffmpeg.WaitForExit();
        notes.Join();
        ffmpeg.Dispose();
        output.Dispose();
        planes.Dispose();
        ticks.Dispose();
    }

    protected override bool ReadNext(Frame frame, out TimeSpan stated)
    {
        stated = TimeSpan.Zero;
        watchdog.Change(Timeout, System.Threading.Timeout.InfiniteTimeSpan);
        Span<byte> bytes = planes.Bytes;
        if (!IsNext("FRAME\n"u8) || output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            return false;
        }

        planes.ConvertTo(frame, ColorConversionCodes.YUV2BGR_I420);
        long tick = ticks.TryTake(out long told, Timeout) ? told : 0;
        firstTick ??= tick;
        stated = TimeSpan.FromTicks(tick - firstTick.Value);
        return true;
    }

    private static double Quotient(ReadOnlySpan<char> text, char divisor) =>
        double.Parse(text[..text.IndexOf(divisor)]) / double.Parse(text[(text.IndexOf(divisor) + 1)..]);

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> line, ReadOnlySpan<byte> label, char end)
    {
        int start = line.IndexOf(label);
        ReadOnlySpan<byte> rest = start < 0 ? [] : line[(start + label.Length)..].TrimStart((byte)' ');
        return rest.IndexOf((byte)end) is > 0 and var stop ? rest[..stop] : rest;
    }

    // What ffmpeg says of the input's length, and of each frame's time. On a thread of its own, as bytes in one buffer: nothing is
    // allocated a frame.
    private void ReadNotes(Stream error)
    {
        byte[] buffer = new byte[4096];
        int filled = 0;
        while (error.Read(buffer, filled, buffer.Length - filled) is > 0 and var read)
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, filled + read);
            while (rest.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Note(rest[..end]);
                rest = rest[(end + 1)..];
            }

            // A line that fills the buffer is none of those looked for.
            filled = rest.Length % buffer.Length;
            rest[..filled].CopyTo(buffer);
        }

        length.TrySetResult(TimeSpan.Zero);
        error.Dispose();
    }

    private void Note(ReadOnlySpan<byte> line)
    {
        if (After(line, "Duration: "u8, ',') is { IsEmpty: false } duration)
        {
            length.TrySetResult(TimeSpan.TryParse(Encoding.ASCII.GetString(duration), out TimeSpan known) ? known : TimeSpan.Zero);
        }
        else if (After(line, " pts:"u8, ' ') is { IsEmpty: false } pts)
        {
            ticks.TryAdd(long.TryParse(pts, out long tick) ? tick : 0);
        }
    }

    // ASCII, without its end; empty at the stream's end.
    private string ReadHeader()
    {
        var line = new StringBuilder();
        for (int value = output.ReadByte(); value is >= 0 and not '\n' && line.Length < 256; value = output.ReadByte())
        {
            line.Append((char)value);
        }

        return line.ToString();
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlPipe(SafePipeHandle pipe, int command, int bytes);

    private bool IsNext(ReadOnlySpan<byte> expected)
    {
        Span<byte> bytes = stackalloc byte[expected.Length];
        return output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && bytes.SequenceEqual(expected);
    }
}
