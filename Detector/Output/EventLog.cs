using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
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

    // A CSV line without its source has at most 202 characters: two numbers of 20 digits, five of 11, eight of 8, two labels of 9, and separators.
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

        // Letters in file names are not escaped: this text is never embedded in HTML.
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
            // So far the line has only numbers and labels, none of which contains a comma.
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

    // Writes the line in one call, so that programs that follow the file see whole lines.
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
