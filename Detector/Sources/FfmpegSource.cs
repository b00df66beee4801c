using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A video file or stream decoded by an ffmpeg process. The FFmpeg in OpenCvSharp's package for Linux has no network protocols
/// (shimat/opencvsharp#2083) and no assembly code, so H.264 decoding takes twice as long (shimat/opencvsharp#2085). Frames arrive as a YUV4MPEG2 stream: a
/// header line and 4:2:0 planes, all stretched to the first frame's size. Their times and true aspect ratios come from the log.</summary>
internal sealed partial class FfmpegSource : VideoReader
{
    // A server that sends nothing for this long is treated as gone.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    // The capital V skips the cover image of an audio file.
    private const string FirstVideo = "0:V:0";

    // Linux's F_SETPIPE_SZ, and the largest pipe that unprivileged users may have.
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    private const string NewFlag = "-fps_mode";
    private const string OldFlag = "-vsync";    // before ffmpeg 5.1

    // Passes every frame once, whatever the time between frames.
    private static string[] everyFrame = [NewFlag, "passthrough"];

    private readonly Process ffmpeg;
    private readonly FfmpegLog log;
    private readonly Stream output;
    private readonly ITimer watchdog;
    private readonly Opening opening;
    private readonly Mat planes = new();
    private volatile bool hasTimedOut;

    private FfmpegSource(string name, Process ffmpeg, Opening opening, Action<string> report, CancellationToken stop)
        : base(name, report)
    {
        (this.ffmpeg, this.opening) = (ffmpeg, opening);
        log = new FfmpegLog(ffmpeg.StandardError.BaseStream);
        output = ffmpeg.StandardOutput.BaseStream;
        watchdog = opening.Time.CreateTimer(_ => OnTimeout(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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

    // The video is the largest stream; others are thumbnails or previews.
    private string LargestStream => log.Videos.MaxBy(video => video.Pixels).Stream;

    // From the second round on, ffmpeg's loop reads transport streams only in part, and streams without a container not at all.
    private bool CanRepeat => opening.Loop == 1 || IsLive || (log.Format != "mpegts" && log.Length > TimeSpan.Zero);

    /// <summary>Opens a file that exists, or a URL. Returns null if ffmpeg is not on the PATH or cannot repeat the file.</summary>
    /// <param name="isRecording">Whether the URL is known to be finite.</param>
    /// <param name="time">The clock for the wait of a read; null for the process's running time.</param>
    /// <param name="stop">Cancels the wait for the first frame.</param>
    /// <exception cref="InvalidDataException">The input is not a video or cannot be reached.</exception>
    /// <exception cref="UsageException">The input is a recording on a server, of a format that cannot be repeated.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static FfmpegSource? TryOpen(
        string pathOrUrl, Action<string> report, int loop = 1, bool isRecording = false, TimeProvider? time = null, CancellationToken stop = default)
    {
        var opening = new Opening(FirstVideo, loop, isRecording || !FrameSources.IsUrl(pathOrUrl), SpecialFile.IsPipe(pathOrUrl), time ?? RunningTime.Clock);
        FfmpegSource? first = Start(pathOrUrl, opening, report, stop);
        if (first is { CanRepeat: false })
        {
            first.Dispose();
            return !FrameSources.IsUrl(pathOrUrl) ? null
                : throw new UsageException($"{pathOrUrl}: a recording of this format cannot be repeated from a server. Leave out '--loop', or fetch the file first.");
        }

        if (first is null or { IsLive: true } or { log.Videos.Count: < 2 } || opening.IsPipe || first.LargestStream == first.log.Videos[0].Stream)
        {
            return first;
        }

        first.Dispose();
        return Start(pathOrUrl, opening with { Stream = first.LargestStream }, report, stop);
    }

    public override void Interrupt()
    {
        base.Interrupt();
        Kill();
    }

    public override void Dispose()
    {
        Interrupt();
        watchdog.Dispose();
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
        SetWatchdog(ReadTimeout);
        try
        {
            Span<byte> bytes = planes.AsSpan<byte>();
            if (!IsFrameNext() || output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || !log.TryTake(out FrameNote note))
            {
                return false;
            }

            Cv2.CvtColor(planes, frame.Mat, ColorConversionCodes.YUV2BGR_I420);
            (stated, aspect) = (note.Time - (opening.Loop > 1 ? TimeSpan.Zero : log.Start), note.Aspect);
            return true;
        }
        finally
        {
            SetWatchdog(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Throws if the frames ended because ffmpeg was ended or timed out, or because its connection broke.</summary>
    /// <exception cref="IOException">A retry may read more.</exception>
    protected override string? CheckEnd(TimeSpan end)
    {
        ffmpeg.WaitForExit();
        log.WaitForEnd();
        if (hasTimedOut)
        {
            throw new IOException($"{Name}: no data for {ReadTimeout.TotalSeconds:0} s; given up {Position}.");
        }

        if (Ffmpeg.WasSignalled(ffmpeg.ExitCode))
        {
            return IsInterruptedWithin(Ffmpeg.SignalDelay) ? null : throw new IOException($"{Name}: ffmpeg was ended by another program (exit code {ffmpeg.ExitCode}) {Position}.");
        }

        if (IsLive)
        {
            return null;
        }

        if (log.ReadError is { } message)
        {
            throw new IOException($"{Name}: reading failed {Position}: {message}");
        }

        return log.IsTruncated ? "ffmpeg reached the end of the data too early" : ffmpeg.ExitCode != 0 ? $"ffmpeg reports: {log.Last}" : Shortage(end);
    }

    private static FfmpegSource? Start(string pathOrUrl, Opening opening, Action<string> report, CancellationToken stop)
    {
        OpenCvLibrary.Load();
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
        // With -copyts, ffmpeg's loop gives wrong times.
        string[] clock = opening.Loop > 1 ? ["-stream_loop", $"{opening.Loop - 1}"] : ["-copyts"];

        // Half of the cores: the other stages need as much, and further threads slow everything down. The filters make pixels square and sides even, since
        // chroma is stored per 2x2 pixels. 'metadata=print' logs each frame's time in TimeSpan's ticks, but only for frames with metadata, so a dummy
        // entry is added to each. If frames change their size, ffmpeg stretches later ones to the first one's size.
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

    // Reads the stream's header and the input's description in the log.
    private void Describe(string name)
    {
        if (OperatingSystem.IsLinux())
        {
            // A pipe holds 64 KiB by default, so the two processes would wake each other a dozen times per frame.
            _ = ControlPipe(((PipeStream)output).SafePipeHandle, SetPipeSize, PipeBytes);
        }

        SetWatchdog(ReadTimeout);
        string[] header = ReadHeader().Split(' ');
        SetWatchdog(Timeout.InfiniteTimeSpan);
        if (header[0] != "YUV4MPEG2")
        {
            throw NotReadable(name, isEnding: header[0].Length == 0);
        }

        FramesPerSecond = PlausibleRate(Quotient(Field('F'), ':'));
        planes.Create(int.Parse(Field('H')) * 3 / 2, int.Parse(Field('W')), MatType.CV_8UC1);
        log.WaitForDescription();

        // A recording states a length, a camera does not. A playlist's length is not that of its broadcast.
        IsLive = log.Length == TimeSpan.Zero && (log.IsPlaylist || !opening.IsRecording);
        StartTime = log.Start;

        // A file's length is that of its longest stream, possibly the sound; OpenCV counts the frames of the first video.
        FrameCount = opening.Stream != FirstVideo || opening.IsPipe ? null : opening.Loop * (!FrameSources.IsUrl(name) ? VideoSource.CountFrames(name)
            : log.Length == TimeSpan.Zero ? null : (long)Math.Round(log.Length.TotalSeconds * FramesPerSecond));

        string Field(char letter) => header.FirstOrDefault(field => field.StartsWith(letter))?[1..]
            ?? throw new InvalidDataException($"{name}: ffmpeg sent no {letter} in {string.Join(' ', header)}");
    }

    // The error of an input without a first frame.
    private Exception NotReadable(string name, bool isEnding)
    {
        if (!isEnding)
        {
            Kill();
        }

        ffmpeg.WaitForExit();
        log.WaitForEnd();
        return log.LacksFrameMode ? new NotSupportedException("this ffmpeg is older than 5.1")
            : hasTimedOut ? new IOException($"{name}: no data for {ReadTimeout.TotalSeconds:0} s.")
            : Unreadable(name, log.Refusal);
    }

    // The video may end before the sound: it is too short only if no packet of the file reaches the stated length.
    private string? Shortage(TimeSpan end)
    {
        if (opening.Loop > 1 || opening.IsPipe || FrameSources.IsUrl(Name))
        {
            return null;
        }

        // An AVI's header has the number of frames, even if the file is truncated; ffmpeg estimates the length from the file's size.
        TimeSpan length = log.Format == "avi" && FrameCount is { } frames ? TimeSpan.FromSeconds(frames / FramesPerSecond) : log.Length;
        bool isShort = IsShort(end, length) && (log.Format == "avi" || (Ffmpeg.LastTime(Name) is { } last && IsShort(last - log.Start, length)));
        return isShort ? $"its header states {length.TotalSeconds:0.0} s" : null;
    }

    // The writer of a pipe may be slow; any other input that is silent for this long is treated as gone.
    private void OnTimeout()
    {
        if (opening.IsPipe)
        {
            Report($"{Name}: no data for {ReadTimeout.TotalSeconds:0} s; waiting for the program that writes it. Ctrl+C stops.");
            return;
        }

        hasTimedOut = true;
        Kill();
    }

    // The watchdog runs only during a read, so a slow consumer does not count as a silent input.
    private void SetWatchdog(TimeSpan timeout) => watchdog.Change(timeout, Timeout.InfiniteTimeSpan);

    private void Kill()
    {
        try
        {
            ffmpeg.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // Already ended, or ending.
        }
    }

    // Reads a header line of ASCII, without the line feed; empty at the end of the stream.
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

    // Whether a frame follows; false at the end of the stream.
    private bool IsFrameNext()
    {
        Span<byte> bytes = stackalloc byte[6];
        int read = output.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read < bytes.Length ? false
            : bytes.SequenceEqual("FRAME\n"u8) ? true
            : throw new InvalidDataException($"{Name}: ffmpeg sent no frame where one was expected, {Position}.");
    }

    /// <summary>The parameters of an opened input.</summary>
    /// <param name="Stream">ffmpeg's name of the video stream.</param>
    /// <param name="IsRecording">Whether the input is known to be finite.</param>
    /// <param name="IsPipe">Whether the input can be read only once.</param>
    /// <param name="Time">The clock for the wait of a read, by default one that stands still while this process does.</param>
    private sealed record Opening(string Stream, int Loop, bool IsRecording, bool IsPipe, TimeProvider Time);
}
