using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Output;

/// <summary>
/// Writes a line a face a frame. Each line goes to the system at once and whole: whoever reads along sees it, and whatever
/// ends the process loses at most the line in progress.
/// </summary>
internal sealed class EventLog : IFrameSink, IDisposable
{
    /// <summary>The path that means standard output.</summary>
    public const string StandardOutput = "-";

    private const int StandardOutputHandle = 1;

    private readonly Stream stream;
    private readonly IEventFormat format;
    private readonly StageTimings timings;
    private readonly ArrayBufferWriter<byte> line = new();

    public EventLog(Stream stream, IEventFormat format, StageTimings timings)
    {
        this.stream = stream;
        this.format = format;
        this.timings = timings;
        if (format.Header is { } header)
        {
            Encoding.UTF8.GetBytes(header, line);
            EndLine();
        }
    }

    /// <summary>Creates a log file whose format its ending names, or writes JSON lines to standard output for <c>-</c>.</summary>
    /// <exception cref="UsageException">The ending is another, or the file cannot be written.</exception>
    public static EventLog Create(string path, StageTimings timings)
    {
        if (path == StandardOutput)
        {
            return new EventLog(OpenStandardOutput(), new JsonLinesFormat(), timings);
        }

        IEventFormat lines = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSONL" => new JsonLinesFormat(),
            ".CSV" => new CsvFormat(),
            _ => throw new UsageException($"{path}: events are written as .jsonl or .csv, or '-' for JSON lines on standard output."),
        };
        return new EventLog(OutputFiles.Create(path), lines, timings);
    }

    /// <summary>Writes the faces of a frame.</summary>
    /// <exception cref="IOException">The disk is full, or nobody reads standard output any more.</exception>
    public bool Write(Frame frame, FrameResult result)
    {
        using (timings.Measure("events"))
        {
            foreach (FaceResult face in result.Faces)
            {
                line.ResetWrittenCount();
                format.Write(result, face, line);
                EndLine();
            }
        }

        return true;
    }

    public void Dispose()
    {
        format.Dispose();
        stream.Dispose();
    }

    // The console's own stream keeps silent when the reader of a pipe has gone, and a run would go on for nobody.
    private static Stream OpenStandardOutput() => OperatingSystem.IsWindows()
        ? Console.OpenStandardOutput()
        : new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    // In one piece, so that a reader who follows the file sees whole lines.
    private void EndLine()
    {
        line.Write("\n"u8);
        stream.Write(line.WrittenSpan);
    }
}
