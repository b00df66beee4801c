using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Archive;

namespace MlNetEmotion.Detector.Output;

internal enum EventFormat
{
    JsonLines,

    /// <summary>Comma-separated values (RFC 4180) with a header line.</summary>
    Csv,

    /// <summary>The same, by a byte order mark known to be UTF-8.</summary>
    ExcelCsv,

    /// <summary>The same for a spreadsheet whose decimals have a comma: values are separated by semicolons.</summary>
    ExcelCsvWithDecimalCommas,
}

/// <summary>Writes what was found in frames. Dispose ends the file.</summary>
internal interface IEventLog : IFrameSink, IDisposable;

/// <summary>Writes a line a face a frame. Each line goes to the system at once and whole: whoever reads along sees it,
/// and whatever ends the process loses at most the line in progress.</summary>
internal sealed class EventLog : IEventLog
{
    /// <summary>What a log file's name ends in.</summary>
    public static readonly string[] Endings = [".jsonl", ".csv", FaceTable.Ending];

    private const int StandardOutputHandle = 1;

    // Of a CSV line without its source: two numbers of 20 digits, five of 11, eight of 8, two labels of 9, and the commas: 202 at most.
    private const int MaxLineLength = 256;

    private readonly Stream stream;
    private readonly EventFormat format;
    private readonly StageTimings timings;
    private readonly bool isStandardOutput;
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly Utf8JsonWriter json;
    private (string Name, byte[] Field) source = ("", []);

    public EventLog(Stream stream, EventFormat format, StageTimings timings, bool isStandardOutput = false)
    {
        (this.stream, this.format, this.timings, this.isStandardOutput) = (stream, format, timings, isStandardOutput);

        // Files keep their names' letters: this text is never put into a web page.
        json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        if (format != EventFormat.JsonLines)
        {
            line.Write(format == EventFormat.Csv ? [] : Encoding.UTF8.Preamble);
            string header = $"frame,timestampMs,trackId,x,y,width,height,emotion,confidence,{string.Join(',', Emotions.Labels)},shown,source";
            Encoding.UTF8.GetBytes(HasDecimalCommas ? header.Replace(',', ';') : header, line);
            EndLine();
        }
    }

    private bool HasDecimalCommas => format == EventFormat.ExcelCsvWithDecimalCommas;

    /// <summary>Creates a log file whose format its ending names, or writes JSON lines to standard output for
    /// <c>-</c>.</summary>
    /// <param name="csv">How a file that ends in .csv is written.</param>
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

    /// <summary>Whether a file's name is that of comma-separated values.</summary>
    public static bool IsCsv(string path) => Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="IOException">The disk is full, or nobody reads standard output any more.</exception>
    public bool Write(Frame frame, FrameResult result)
    {
        using StageTimings.Measurement writing = timings.Measure("events");
        foreach (FaceResult face in result.Faces)
        {
            if (format == EventFormat.JsonLines)
            {
                WriteJson(result, face);
            }
            else
            {
                WriteCsv(result, face);
            }

            EndLine();
        }

        return true;
    }

    public void Dispose()
    {
        json.Dispose();
        stream.Dispose();
    }

    // The console's own stream keeps silent when the reader of a pipe has gone, and a run would go on for nobody. In a file, a FileStream
    // writes where it was before, over what others wrote there meanwhile.
    private static Stream OpenStandardOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        var stream = new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    private void WriteJson(FrameResult frame, FaceResult face)
    {
        json.Reset();
        json.WriteStartObject();
        json.WriteString("source", frame.Source);
        json.WriteNumber("frame", frame.Frame);
        json.WriteNumber("timestampMs", WrittenNumbers.Milliseconds(frame.Timestamp));
        json.WriteNumber("trackId", face.TrackId);
        json.WriteStartObject("box");
        json.WriteNumber("x", face.Box.X);
        json.WriteNumber("y", face.Box.Y);
        json.WriteNumber("width", face.Box.Width);
        json.WriteNumber("height", face.Box.Height);
        json.WriteEndObject();
        json.WriteString("emotion", Emotions.Labels[(int)face.Emotion]);
        json.WriteString("shown", face.Shown);
        json.WriteNumber("confidence", WrittenNumbers.Probability(face.Confidence));
        json.WriteStartObject("probabilities");
        for (int i = 0; i < Emotions.Count; i++)
        {
            json.WriteNumber(Emotions.Labels[i], WrittenNumbers.Probability(face.Scores[(Emotion)i]));
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private void WriteCsv(FrameResult frame, FaceResult face)
    {
        (int x, int y, int width, int height) = face.Box;
        Span<byte> text = line.GetSpan(MaxLineLength);
        Utf8.TryWrite(
            text,
            $"{frame.Frame},{WrittenNumbers.Milliseconds(frame.Timestamp)},{face.TrackId},{x},{y},{width},{height},{Emotions.Labels[(int)face.Emotion]},{WrittenNumbers.Probability(face.Confidence)}",
            out int length);
        for (int i = 0; i < Emotions.Count; i++)
        {
            Utf8.TryWrite(text[length..], $",{WrittenNumbers.Probability(face.Scores[(Emotion)i])}", out int more);
            length += more;
        }

        Utf8.TryWrite(text[length..], $",{face.Shown},", out int last);
        if (HasDecimalCommas)
        {
            // Up to here there are numbers and labels, none of which has a comma in it.
            text = text[..(length + last)];
            text.Replace((byte)',', (byte)';');
            text.Replace((byte)'.', (byte)',');
        }

        line.Advance(length + last);
        if (source.Name != frame.Source)
        {
            source = (frame.Source, Encoding.UTF8.GetBytes(CsvField(frame.Source, HasDecimalCommas ? ";\"\r\n" : ",\"\r\n")));
        }

        line.Write(source.Field);
    }

    private static string CsvField(string text, string special) =>
        text.AsSpan().ContainsAny(special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    // In one piece, so that a reader who follows the file sees whole lines.
    private void EndLine()
    {
        line.Write("\n"u8);
        try
        {
            stream.Write(line.WrittenSpan);
        }
        catch (IOException e) when (isStandardOutput)
        {
            throw new IOException($"standard output: the events cannot be written ({e.Message.TrimEnd('.')}); the run ended there.", e);
        }

        line.ResetWrittenCount();
    }
}
