using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A decoded frame as reported in ffmpeg's log.</summary>
/// <param name="Time">The frame's time by the container's clock; null if the container has none.</param>
/// <param name="Aspect">Display aspect ratio: width / height in square pixels; 0 if unknown.</param>
internal readonly record struct FrameNote(TimeSpan? Time, double Aspect);

/// <summary>Reads the standard error of a decoding ffmpeg process on a separate thread: the description of the input, one note per frame, and the messages
/// that explain missing frames. The messages are complete after <see cref="WaitForEnd"/>.</summary>
internal sealed partial class FfmpegLog : IDisposable
{
    /// <summary>The name of the scaling filter, which logs the frame size and pixel aspect whenever they change.</summary>
    public const string ShapeFilter = "scale@shape";

    /// <summary>The lowest log level that includes the input's description and the scaling filter's lines.</summary>
    public const string Level = "verbose";

    private const string ShapeLine = "[" + ShapeFilter;

    // Messages of the MP4 and Matroska demuxers; others do not detect truncation.
    private static readonly string[] TruncationMessages = [": partial file", "File ended prematurely"];

    private static readonly string[] ReadErrorMessages =
        ["Stream ends prematurely", "Error during demuxing", ": Input/output error", ": Connection reset by peer", ": Connection timed out"];

    private readonly Thread reader;
    private readonly TaskCompletionSource described = new();
    private readonly List<(string Stream, long Pixels)> videos = [];
    private readonly BlockingCollection<FrameNote> frames = [];
    private double aspect;

    public FfmpegLog(Stream error)
    {
        reader = new Thread(() => Read(error)) { IsBackground = true, Name = "ffmpeg's log" };
        reader.Start();
    }

    /// <summary>The container's format, <c>mov</c> or <c>matroska</c> for example.</summary>
    public string Format { get; private set; } = "";

    /// <summary>The length that the container states; zero if it states none.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>The container's start time, by its own clock.</summary>
    public TimeSpan Start { get; private set; }

    public bool IsPlaylist => Format is "hls" or "dash" or "sdp";

    /// <summary>The video streams by ffmpeg's names, without cover images and thumbnails.</summary>
    public IReadOnlyList<(string Stream, long Pixels)> Videos => videos;

    /// <summary>Whether the data ended before the end of the video.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The log line of a connection or device that failed midway; null if none did.</summary>
    public string? ReadError { get; private set; }

    /// <summary>The HTTP error status of the server, for example <c>401 Unauthorized</c>; null if there was none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether this ffmpeg is older than 5.1 and lacks the option <c>-fps_mode</c>.</summary>
    public bool LacksFrameMode { get; private set; }

    /// <summary>The last line that does not describe a frame, for error messages.</summary>
    public string? Last { get; private set; }

    /// <summary>Waits for the input's description.</summary>
    public void WaitForDescription() => described.Task.Wait();

    /// <summary>Waits for the next frame's note; returns false at the end of the log.</summary>
    public bool TryTake(out FrameNote frame) => frames.TryTake(out frame, Timeout.Infinite);

    /// <summary>Waits for the end of the log, which follows the end of the process.</summary>
    public void WaitForEnd() => reader.Join();

    public void Dispose()
    {
        WaitForEnd();
        frames.Dispose();
    }

    private void Read(Stream error)
    {
        using var lines = new StreamReader(error);
        while (lines.ReadLine() is { } line)
        {
            if (FrameLine().Match(line) is { Success: true } frame)
            {
                frames.Add(new FrameNote(long.TryParse(frame.Groups["pts"].ValueSpan, out long ticks) ? TimeSpan.FromTicks(ticks) : null, aspect));
            }
            else if (line != "a=b")
            {
                Note(line);
            }
        }

        described.TrySetResult();
        frames.CompleteAdding();
    }

    private void Note(string line)
    {
        Last = line;
        IsTruncated |= HasAny(line, TruncationMessages);
        ReadError ??= HasAny(line, ReadErrorMessages) ? line : null;
        LacksFrameMode |= line.Contains("Unrecognized option 'fps_mode'", StringComparison.Ordinal);
        if (line.StartsWith(ShapeLine, StringComparison.Ordinal) && Shape().Match(line) is { Success: true } shape)
        {
            aspect = Number(shape, "width") / Number(shape, "height") * PixelAspect(Number(shape, "across"), Number(shape, "down"));
        }
        else if (!described.Task.IsCompleted)
        {
            NoteInput(line);
        }

        static bool HasAny(string line, string[] messages) => Array.Exists(messages, message => line.Contains(message, StringComparison.Ordinal));

        static double PixelAspect(double across, double down) => across > 0 && down > 0 ? across / down : 1;
    }

    // Parses "Input #0, mov,mp4, from …", "  Duration: 00:00:10.05, start: 1.400000, …", "  Stream #0:1(und): Video: h264 (…), yuv420p, 640x360, …", up to
    // "Stream mapping:".
    private void NoteInput(string line)
    {
        Refusal ??= Refused().Match(line) is { Success: true } refused ? refused.Groups["status"].Value.Trim() : null;
        if (Duration().Match(line) is { Success: true } duration)
        {
            Length = TimeSpan.TryParse(duration.Groups["length"].ValueSpan, out TimeSpan length) ? length : TimeSpan.Zero;
            Start = duration.Groups["start"].Success ? TimeSpan.FromSeconds(Number(duration, "start")) : TimeSpan.Zero;
        }
        else if (VideoStream().Match(line) is { Success: true } video)
        {
            videos.Add((video.Groups["stream"].Value, long.Parse(video.Groups["width"].ValueSpan) * long.Parse(video.Groups["height"].ValueSpan)));
        }
        else if (InputFormat().Match(line) is { Success: true } format)
        {
            Format = format.Groups["format"].Value;
        }
        else if (line.StartsWith("Stream mapping:", StringComparison.Ordinal))
        {
            described.TrySetResult();
        }
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("^frame:.* pts: *(?<pts>[^ ]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameLine();

    [GeneratedRegex("^Input #0, (?<format>[^,]+),", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InputFormat();

    [GeneratedRegex(@"^ *Duration: (?<length>[^,]+)(, start: (?<start>-?[\d.]+))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^ *Stream #(?<stream>0:\d+).*?: Video: .*?, (?<width>\d{1,5})x(?<height>\d{1,5})\b(?!.*\((attached pic|timed thumbnails)\))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VideoStream();

    // "[scale@shape @ 0x…] w:720 h:576 fmt:yuv420p sar:16/15 -> w:768 h:576 …": the size before scaling and after rotation.
    [GeneratedRegex(@"^\[scale@shape @ [^\]]*\] w:(?<width>\d+) h:(?<height>\d+) .*?sar:(?<across>\d+)/(?<down>\d+) ->", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape();

    [GeneratedRegex(@"(HTTP error|failed:|Server returned) (?<status>[45]\d\d [A-Za-z ]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Refused();
}
