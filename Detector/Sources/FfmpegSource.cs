using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or a stream, decoded by an ffmpeg process. The FFmpeg inside OpenCvSharp's package for Linux
/// has no network protocols (shimat/opencvsharp#2083) and no assembly code, so that H.264 takes it twice as long
/// (shimat/opencvsharp#2085). Frames come as a YUV4MPEG2 stream, a header line and planes of 4:2:0, all stretched to the first
/// frame's size; times and true shapes come through the log.</summary>
internal sealed partial class FfmpegSource : VideoReader
{
    // A server that sends nothing for longer has gone.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // An audio file's cover is no video.
    private const string FirstVideo = "0:V:0";

    // Linux' fcntl, and the most that it grants to users other than root.
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    private const string NewFlag = "-fps_mode";
    private const string OldFlag = "-vsync";    // before ffmpeg 5.1

    // Every frame once, at any distance in time.
    private static string[] everyFrame = [NewFlag, "passthrough"];

    private readonly Process ffmpeg;
    private readonly FfmpegLog log;
    private readonly Stream output;
    private readonly ITimer silence;
    private readonly Opening opening;
    private readonly Frame planes = new();
    private volatile bool isSilent;

    private FfmpegSource(string name, Process ffmpeg, Opening opening, Action<string> report, CancellationToken stop)
        : base(name, report)
    {
        (this.ffmpeg, this.opening) = (ffmpeg, opening);
        log = new FfmpegLog(ffmpeg.StandardError.BaseStream);
        output = ffmpeg.StandardOutput.BaseStream;
        silence = RunningTime.Clock.CreateTimer(_ => GiveUp(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            using CancellationTokenRegistration stopping = stop.Register(Interrupt);
            Describe(name);
        }
        catch
        {
            Dispose();
            stop.ThrowIfCancellationRequested();
            throw;
        }
    }

    // Of several, the largest is the video; others are its thumbnail, or a preview.
    private string Largest => log.Videos.MaxBy(video => video.Pixels).Stream;

    // ffmpeg's loop reads transport streams only in part after the first round, and streams without a container only once.
    private bool CanRepeat => opening.Loop == 1 || IsLive || (log.Format != "mpegts" && log.Length > TimeSpan.Zero);

    /// <summary>Opens a file that exists, or a URL; null where there is no ffmpeg on the PATH, or where it cannot repeat the file.</summary>
    /// <param name="isRecording">Whether the URL is known to come to an end.</param>
    /// <param name="patience">How long a read waits for ffmpeg before the input is given up; null for ten seconds.</param>
    /// <param name="stop">Ends the wait for the first frame.</param>
    /// <exception cref="InvalidDataException">It is no video, or cannot be reached.</exception>
    /// <exception cref="UsageException">It is a recording on a server that cannot be repeated.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static FfmpegSource? TryOpen(
        string pathOrUrl, Action<string> report, int loop = 1, bool isRecording = false, TimeSpan? patience = null, CancellationToken stop = default)
    {
        var opening = new Opening(FirstVideo, loop, isRecording || !FrameSources.IsUrl(pathOrUrl), SpecialFile.IsPipe(pathOrUrl), patience ?? Patience);
        FfmpegSource? first = Start(pathOrUrl, opening, report, stop);
        if (first is { CanRepeat: false })
        {
            first.Dispose();
            return !FrameSources.IsUrl(pathOrUrl) ? null
                : throw new UsageException($"{pathOrUrl}: a recording of this format cannot be repeated from a server. Leave out '--loop', or fetch the file first.");
        }

        if (first is null or { IsLive: true } or { log.Videos.Count: < 2 } || opening.IsPipe || first.Largest == first.log.Videos[0].Stream)
        {
            return first;
        }

        first.Dispose();
        return Start(pathOrUrl, opening with { Stream = first.Largest }, report, stop);
    }

    public override void Interrupt()
    {
        base.Interrupt();
        Kill();
    }

    public override void Dispose()
    {
        Interrupt();
        silence.Dispose();
        ffmpeg.WaitForExit();
        log.Dispose();
        ffmpeg.Dispose();
        output.Dispose();
        planes.Dispose();
        base.Dispose();
    }

    protected override bool ReadNext(Frame frame, out TimeSpan? stated, out double aspect)
    {
        (stated, aspect) = (null, 0);
        Await(opening.Patience);
        try
        {
            Span<byte> bytes = planes.Bytes;
            if (!IsFrameNext() || output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || !log.TryTake(out FrameNote note))
            {
                return false;
            }

            planes.ConvertTo(frame, ColorConversionCodes.YUV2BGR_I420);
            (stated, aspect) = (note.Time - (opening.Loop > 1 ? TimeSpan.Zero : log.Start), note.Aspect);
            return true;
        }
        finally
        {
            Await(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Throws where the frames ended because ffmpeg was ended, gave no sign of life, or lost its connection.</summary>
    /// <exception cref="IOException">Another try may read more.</exception>
    protected override string? CheckEnd(TimeSpan end)
    {
        ffmpeg.WaitForExit();
        log.WaitForEnd();
        if (isSilent)
        {
            throw new IOException($"{Name}: nothing came for {opening.Patience.TotalSeconds:0.#} s; given up {Position}.");
        }

        if (Ffmpeg.WasSignalled(ffmpeg.ExitCode))
        {
            return IsInterruptedWithin(Ffmpeg.SignalDelay) ? null : throw new IOException($"{Name}: ffmpeg was ended by another program (exit code {ffmpeg.ExitCode}) {Position}.");
        }

        if (IsLive)
        {
            return null;
        }

        if (log.Broken is { } message)
        {
            throw new IOException($"{Name}: reading failed {Position}: {message}");
        }

        return log.IsCut ? "ffmpeg found its end too early" : ffmpeg.ExitCode != 0 ? $"ffmpeg says: {log.Last}" : Shortage(end);
    }

    private static FfmpegSource? Start(string pathOrUrl, Opening opening, Action<string> report, CancellationToken stop)
    {
        try
        {
            string[] flags = everyFrame;
            Process process = Ffmpeg.Start(Arguments(pathOrUrl, opening, flags));
            try
            {
                return new FfmpegSource(pathOrUrl, process, opening, report, stop);
            }
            catch (NotSupportedException) when (flags[0] == NewFlag)
            {
                everyFrame = [OldFlag, "passthrough"];
                return Start(pathOrUrl, opening, report, stop);
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string[] Arguments(string pathOrUrl, Opening opening, string[] everyFrame)
    {
        // ffmpeg's own loop gives wrong times together with the container's clock.
        string[] clock = opening.Loop > 1 ? ["-stream_loop", $"{opening.Loop - 1}"] : ["-copyts"];

        // Half of the cores, for the rest of the frame's way needs as much; each thread more costs time of all. Square pixels, and even sides,
        // for each value of a colour is of 2x2 pixels. A frame's time, in TimeSpan's ticks, is logged by the filter that prints frames'
        // metadata, so each frame is given some. Where frames change their size, ffmpeg stretches the later ones to the first one's.
        return
        [
            "-hide_banner", "-nostdin", "-nostats", "-loglevel", FfmpegLog.Level,
            "-threads", $"{Math.Max(1, Environment.ProcessorCount / 2)}", .. clock, "-i", Ffmpeg.Input(pathOrUrl), "-map", opening.Stream,
            "-vf", $"{FfmpegLog.ShapeFilter}=iw*sar:ih,setsar=1,crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,settb=1/10000000,metadata=add:key=a:value=b,"
                + @"metadata=print:file=pipe\\:2:direct=1",
            .. everyFrame, "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "pipe:1",
        ];
    }

    private static double Quotient(ReadOnlySpan<char> text, char divisor) =>
        double.Parse(text[..text.IndexOf(divisor)]) / double.Parse(text[(text.IndexOf(divisor) + 1)..]);

    // The stream's header, and what the log says of the input.
    private void Describe(string name)
    {
        if (OperatingSystem.IsLinux())
        {
            // A pipe holds 64 KiB by default: for each frame, the two processes would wake each other a dozen times.
            _ = ControlPipe(((PipeStream)output).SafePipeHandle, SetPipeSize, PipeBytes);
        }

        Await(opening.Patience);
        string[] header = ReadHeader().Split(' ');
        Await(Timeout.InfiniteTimeSpan);
        if (header[0] != "YUV4MPEG2")
        {
            throw NotReadable(name, isEnding: header[0].Length == 0);
        }

        FramesPerSecond = PlausibleRate(Quotient(Field('F'), ':'));
        planes.Create(int.Parse(Field('W')), int.Parse(Field('H')) * 3 / 2, MatType.CV_8UC1);
        log.WaitForDescription();

        // A recording has a length, a camera none. That of a list of a broadcast's parts is not the broadcast's.
        IsLive = log.Length == TimeSpan.Zero && (log.IsPlaylist || !opening.IsRecording);
        StartTime = log.Start;

        // A file's length is that of its longest part, which may be the sound; OpenCV counts the frames of the first video.
        FrameCount = opening.Stream != FirstVideo || opening.IsPipe ? null : opening.Loop * (!FrameSources.IsUrl(name) ? VideoSource.CountFrames(name)
            : log.Length == TimeSpan.Zero ? null : (long)Math.Round(log.Length.TotalSeconds * FramesPerSecond));

        string Field(char letter) => header.FirstOrDefault(field => field.StartsWith(letter))?[1..]
            ?? throw new InvalidDataException($"{name}: ffmpeg sent no {letter} in {string.Join(' ', header)}");
    }

    // Why there is no first frame.
    private Exception NotReadable(string name, bool isEnding)
    {
        if (!isEnding)
        {
            Kill();
        }

        ffmpeg.WaitForExit();
        log.WaitForEnd();
        return log.LacksFrameMode ? new NotSupportedException("this ffmpeg is older than 5.1")
            : isSilent ? new IOException($"{name}: nothing came for {opening.Patience.TotalSeconds:0.#} s.")
            : Unreadable(name, log.Refusal);
    }

    // The pictures may rightly end before the sound: they are short only where no packet of the file reaches the stated length.
    private string? Shortage(TimeSpan end)
    {
        if (opening.Loop > 1 || opening.IsPipe || FrameSources.IsUrl(Name))
        {
            return null;
        }

        // An AVI's header counts its frames, and says so even where its end is missing, by which ffmpeg estimates the length.
        TimeSpan length = log.Format == "avi" && FrameCount is { } frames ? TimeSpan.FromSeconds(frames / FramesPerSecond) : log.Length;
        bool isShort = IsShort(end, length) && (log.Format == "avi" || (Ffmpeg.LastTime(Name) is { } last && IsShort(last - log.Start, length)));
        return isShort ? $"its header states {length.TotalSeconds:0.0} s" : null;
    }

    // A pipe's writer may take its time; anything else that is silent for so long has gone.
    private void GiveUp()
    {
        if (opening.IsPipe)
        {
            Report($"{Name}: nothing came for {opening.Patience.TotalSeconds:0.#} s; waiting for the program that writes it. Ctrl+C stops.");
            return;
        }

        isSilent = true;
        Kill();
    }

    // Time counts only while a read waits.
    private void Await(TimeSpan patience) => silence.Change(patience, Timeout.InfiniteTimeSpan);

    private void Kill()
    {
        try
        {
            ffmpeg.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself, or is ending.
        }
    }

    // ASCII, without its end; empty at the stream's end.
    private string ReadHeader()
    {
        var line = new System.Text.StringBuilder();
        for (int value = output.ReadByte(); value is >= 0 and not '\n' && line.Length < 256; value = output.ReadByte())
        {
            line.Append((char)value);
        }

        return line.ToString();
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlPipe(SafePipeHandle pipe, int command, int bytes);

    // False at the stream's end.
    private bool IsFrameNext()
    {
        Span<byte> bytes = stackalloc byte[6];
        int read = output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read < bytes.Length ? false
            : bytes.SequenceEqual("FRAME\n"u8) ? true
            : throw new InvalidDataException($"{Name}: ffmpeg sent no frame where one was expected, {Position}.");
    }

    /// <summary>Which of an input's videos is read, and how often.</summary>
    /// <param name="Stream">ffmpeg's name of it.</param>
    /// <param name="IsRecording">Whether it is known to come to an end.</param>
    /// <param name="IsPipe">Whether it can be read only once, from its beginning to its end.</param>
    /// <param name="Patience">The longest wait of a read, in time during which this process runs.</param>
    private sealed record Opening(string Stream, int Loop, bool IsRecording, bool IsPipe, TimeSpan Patience);
}
