using MlNetEmotion.CommandLine;
using MlNetEmotion.Detector.Pipeline;

namespace MlNetEmotion.Detector.Output;

/// <summary>Writes a line a face a frame. Whoever reads along sees a frame's lines as soon as it is done.</summary>
internal sealed class EventLog : IDisposable
{
    /// <summary>The path that means standard output.</summary>
    public const string StandardOutput = "-";

    private readonly TextWriter writer;
    private readonly IEventFormat format;

    /// <summary>Starts a log.</summary>
    /// <param name="writer">Written to and disposed with the log.</param>
    /// <param name="format">How a face becomes a line.</param>
    public EventLog(TextWriter writer, IEventFormat format)
    {
        this.writer = writer;
        this.format = format;
        writer.NewLine = "\n";
        if (format.Header is { } header)
        {
            writer.WriteLine(header);
        }
    }

    /// <summary>Creates a log file whose format its ending names, or writes JSON lines to standard output for <c>-</c>.</summary>
    /// <param name="path">For example <c>events.jsonl</c> or <c>events.csv</c>.</param>
    /// <exception cref="UsageException">The ending is another, or the file cannot be written.</exception>
    public static EventLog Create(string path)
    {
        if (path == StandardOutput)
        {
            return new EventLog(new StreamWriter(Console.OpenStandardOutput()), new JsonLinesFormat());
        }

        IEventFormat lines = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSONL" => new JsonLinesFormat(),
            ".CSV" => new CsvFormat(),
            _ => throw new UsageException($"{path}: events are written as .jsonl or .csv, or '-' for JSON lines on standard output."),
        };
        return new EventLog(new StreamWriter(OutputFiles.Create(path)), lines);
    }

    /// <summary>Writes the faces of a frame.</summary>
    /// <param name="frame">The frame.</param>
    public void Write(FrameResult frame)
    {
        foreach (FaceResult face in frame.Faces)
        {
            writer.WriteLine(format.Line(frame, face));
        }

        writer.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
