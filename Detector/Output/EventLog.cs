using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

internal enum EventFormat
{
    JsonLines,

    /// <summary>Comma-separated values (RFC 4180) with a header line.</summary>
    Csv,

    /// <summary>CSV with a byte order mark, by which Excel recognizes UTF-8.</summary>
    ExcelCsv,

    /// <summary>CSV with a byte order mark, decimal commas and semicolons as separators.</summary>
    ExcelCsvWithDecimalCommas,
}

/// <summary>Writes the faces of frames to a file. Dispose finishes the file.</summary>
internal interface IEventLog : IFrameSink, IDisposable;

/// <summary>Writes one line per face and frame. Each line is passed to the operating system immediately and as a whole, so that other programs can follow the
/// file and a crash loses at most the last line.</summary>
internal sealed class EventLog : IEventLog
{
    /// <summary>The supported file extensions.</summary>
    public static readonly string[] Endings = [".jsonl", ".csv", FaceTable.Ending];

    private const int StandardOutputHandle = 1;

    private readonly Stream stream;
    private readonly EventFormat format;
    private readonly StageTimings timings;
    private readonly bool isStandardOutput;
    private readonly CsvDialect csv;

    public EventLog(Stream stream, EventFormat format, StageTimings timings, bool isStandardOutput = false)
    {
        (this.stream, this.format, this.timings, this.isStandardOutput) = (stream, format, timings, isStandardOutput);
        csv = CsvDialect.Of(format);
        if (format != EventFormat.JsonLines)
        {
            WriteLine(csv.Start + csv.Line(["frame", "timestampMs", "trackId", "x", "y", "width", "height", "emotion", "confidence", .. Emotions.Labels, "shown", "source", "yaw", "pitch", "roll", "sidePixels", "sharpness", "light", "reason"]));
        }
    }

    /// <summary>Creates a log file in the format of its extension, or writes JSON lines to standard output for <c>-</c>.</summary>
    /// <param name="csv">The variant of CSV for a file that ends in .csv.</param>
    public static IEventLog Create(string path, StageTimings timings, EventFormat csv = EventFormat.Csv)
    {
        if (path == OutputFiles.StandardOutput)
        {
            return new EventLog(OpenStandardOutput(), EventFormat.JsonLines, timings, isStandardOutput: true);
        }

        OutputFiles.CheckEnding(path, Endings);
        if (Path.GetExtension(path).Equals(FaceTable.Ending, StringComparison.OrdinalIgnoreCase))
        {
            return new ParquetLog(OutputFiles.Create(path), timings);
        }

        return new EventLog(OutputFiles.Create(path), IsCsv(path) ? csv : EventFormat.JsonLines, timings);
    }

    /// <summary>Whether a file's extension is .csv.</summary>
    public static bool IsCsv(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="IOException">The disk is full, or the reader of standard output has closed it.</exception>
    public void Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement writing = timings.Measure("events");
        foreach (FaceResult face in result.Faces)
        {
            var line = FaceEvent.Of(result, face);
            WriteLine(format == EventFormat.JsonLines ? JsonSerializer.Serialize(line, FaceTable.Json) : ToCsv(line));
        }
    }

    public void Dispose() => stream.Dispose();

    // The console's stream ignores a closed pipe, so the run would continue without a reader. For a redirected file, FileStream writes at its
    // own position, over data that other processes appended.
    private static Stream OpenStandardOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        var stream = new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    private string ToCsv(FaceEvent face)
    {
        (int x, int y, int width, int height) = face.Box;
        return csv.Line(
        [
            face.Frame, face.TimestampMs, face.TrackId, x, y, width, height, face.Emotion, face.Confidence, .. face.Probabilities.Values, face.Shown, face.Source,
            face.Pose?.Yaw, face.Pose?.Pitch, face.Pose?.Roll, face.Quality?.SidePixels, face.Quality?.Sharpness, face.Quality?.Light, face.Reason,
        ]);
    }

    // Writes the line in one call, so that programs that follow the file see whole lines.
    private void WriteLine(string line)
    {
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
        catch (IOException e) when (isStandardOutput)
        {
            throw new IOException($"standard output: the events cannot be written ({e.Message.TrimEnd('.')}); the run ended there.", e);
        }
    }
}

/// <summary>A face in a frame: a JSON line, or the values of a CSV line.</summary>
/// <param name="Source">The file or device; the id of a video that was sent to the server.</param>
/// <param name="Frame">The frame's number within the source, from 0.</param>
/// <param name="TimestampMs">Milliseconds since the source's first frame.</param>
/// <param name="TrackId">The same number for the same face from frame to frame.</param>
/// <param name="Box">The face's box, in the frame's pixels.</param>
/// <param name="Confidence">The probability of the emotion, in [0, 1].</param>
/// <param name="Pose">The head's approximate pose; null if the face detector does not find landmarks.</param>
/// <param name="Quality">The face's size, sharpness and light.</param>
/// <param name="Reason">The reason why Uncertain is shown: small, dark, blurred, turnedAway, cutOff or noClearExpression; null if an emotion is.</param>
internal sealed record FaceEvent(
    string Source, long Frame, decimal TimestampMs, int TrackId, Box Box, string Emotion, string Shown, decimal Confidence, OrderedDictionary<string, decimal> Probabilities,
    PoseNumbers? Pose, QualityNumbers? Quality, string? Reason)
{
    public static FaceEvent Of(FrameResult frame, FaceResult face) => new(
        frame.Source, frame.Frame, WrittenNumbers.Milliseconds(frame.Timestamp), face.TrackId, face.Box, Emotions.Labels[(int)face.Emotion], face.Shown,
        WrittenNumbers.Probability(face.Confidence), WrittenNumbers.Probabilities(face.Scores),
        WrittenNumbers.Pose(face.Pose), WrittenNumbers.Quality(face.Quality), face.Reason);
}
