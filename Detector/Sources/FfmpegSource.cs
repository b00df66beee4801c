using System.Collections.Concurrent;
using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
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

    // A record's cover is no video.
    private const string FirstVideo = "0:V:0";

    // Linux' fcntl, and the most that it grants to whoever is not root.
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    private readonly Process ffmpeg;
    private readonly Stream output;
    private readonly Thread notes;
    private readonly Timer watchdog;
    private readonly TaskCompletionSource described = new();
    private readonly List<(string Stream, long Pixels)> videos = [];
    private readonly BlockingCollection<long> ticks = [];
    private readonly Frame planes = new();
    private TimeSpan length;
    private bool isPlaylist;
    private long? firstTick;

    private FfmpegSource(string name, Process ffmpeg, Opening opening, Action<string> report)
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

        // A recording has a length, a camera none. That of a list of a broadcast's parts is not the broadcast's.
        described.Task.Wait(Timeout);
        IsLive = length == TimeSpan.Zero && (isPlaylist || !opening.IsRecording);

        // A file's length is that of its longest part, which may be the sound; OpenCV counts the frames of the first video.
        FrameCount = opening.Stream != FirstVideo ? null : opening.Loop * (!FrameSources.IsUrl(name) ? VideoSource.CountFrames(name)
            : length == TimeSpan.Zero ? null : (long)Math.Round(length.TotalSeconds * FramesPerSecond));

        string Field(char letter) => header.FirstOrDefault(field => field.StartsWith(letter))?[1..]
            ?? throw new InvalidDataException($"no {letter} in {string.Join(' ', header)}");
    }

    // Of several, the largest is the video; others are its thumbnail, or a preview.
    private string Largest => videos.MaxBy(video => video.Pixels).Stream;

    /// <summary>Opens a file that exists, or a URL; null where there is no ffmpeg on the PATH.</summary>
    /// <param name="isRecording">Whether the URL is known to come to an end.</param>
    public static FfmpegSource? TryOpen(string pathOrUrl, Action<string> report, int loop = 1, bool isRecording = false)
    {
        var opening = new Opening(FirstVideo, loop, isRecording || !FrameSources.IsUrl(pathOrUrl));
        FfmpegSource? first = Start(pathOrUrl, opening, report);
        if (first is null or { IsLive: true } or { videos.Count: < 2 } || first.Largest == first.videos[0].Stream)
        {
            return first;
        }

        first.Dispose();
        return Start(pathOrUrl, opening with { Stream = first.Largest }, report);
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

    private static FfmpegSource? Start(string pathOrUrl, Opening opening, Action<string> report)
    {
        // Without 'file:', a name with a colon in it would be another protocol's.
        string input = FrameSources.IsUrl(pathOrUrl) ? pathOrUrl : "file:" + Path.GetFullPath(pathOrUrl);
        string[] rounds = opening.Loop > 1 ? ["-stream_loop", $"{opening.Loop - 1}"] : [];

        // Half of the cores, for the rest of the frame's way needs as much; each thread more costs time of all. Square pixels, and even sides,
        // for each value of a colour is of 2x2 pixels. A frame's time, in TimeSpan's ticks, is told by the filter that prints frames'
        // metadata, so each frame is given some. Numbered times keep ffmpeg from repeating and dropping frames.
        string[] args =
        [
            "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info",
            "-threads", $"{Math.Max(1, Environment.ProcessorCount / 2)}", .. rounds, "-i", input, "-map", opening.Stream,
            "-vf", "scale=iw*sar:ih,setsar=1,crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,settb=1/10000000,metadata=add:key=a:value=b,"
                + @"metadata=print:file=pipe\\:2:direct=1,setpts=N/FRAME_RATE/TB",
            "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "pipe:1",
        ];
        try
        {
            var start = new ProcessStartInfo("ffmpeg", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            return new FfmpegSource(pathOrUrl, Process.Start(start)!, opening, report);
        }
        catch (Win32Exception)
        {
            return null;
        }
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

        described.TrySetResult();
        error.Dispose();
    }

    private void Note(ReadOnlySpan<byte> line)
    {
        if (!described.Task.IsCompleted)
        {
            NoteInput(line);
        }
        else if (After(line, " pts:"u8, ' ') is { IsEmpty: false } pts)
        {
            ticks.TryAdd(long.TryParse(pts, out long tick) ? tick : 0);
        }
    }

    // "Input #0, mov,mp4, from …", "  Duration: 00:00:10.05, start: …", "  Stream #0:1(und): Video: h264 (…), yuv420p, 640x360, …", up to "Stream mapping:".
    private void NoteInput(ReadOnlySpan<byte> line)
    {
        if (After(line, "Duration: "u8, ',') is { IsEmpty: false } duration)
        {
            length = TimeSpan.TryParse(Encoding.ASCII.GetString(duration), out TimeSpan known) ? known : TimeSpan.Zero;
        }
        else if (VideoStream().Match(Encoding.UTF8.GetString(line)) is { Success: true } video)
        {
            videos.Add((video.Groups["stream"].Value, long.Parse(video.Groups["width"].ValueSpan) * long.Parse(video.Groups["height"].ValueSpan)));
        }
        else if (After(line, "Input #0, "u8, ',') is { IsEmpty: false } format)
        {
            isPlaylist = format.SequenceEqual("hls"u8) || format.SequenceEqual("dash"u8) || format.SequenceEqual("sdp"u8);
        }
        else if (line.StartsWith("Stream mapping:"u8))
        {
            described.TrySetResult();
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

    [GeneratedRegex(@"^ *Stream #(?<stream>0:\d+).*?: Video: .*?, (?<width>\d{1,5})x(?<height>\d{1,5})\b(?!.*\((attached pic|timed thumbnails)\))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VideoStream();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlPipe(SafePipeHandle pipe, int command, int bytes);

    private bool IsNext(ReadOnlySpan<byte> expected)
    {
        Span<byte> bytes = stackalloc byte[expected.Length];
        return output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && bytes.SequenceEqual(expected);
    }

    /// <summary>Which of an input's videos is read, and how often.</summary>
    /// <param name="Stream">ffmpeg's name of it.</param>
    /// <param name="IsRecording">Whether it is known to come to an end.</param>
    private sealed record Opening(string Stream, int Loop, bool IsRecording);
}
