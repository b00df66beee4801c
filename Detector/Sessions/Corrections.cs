using System.Text.Json;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Sessions;

/// <summary>The corrections of a session, in the order in which they were made. Where spans overlap, the later one applies.</summary>
internal sealed class Corrections
{
    private readonly IReadOnlyList<Row> rows;

    private Corrections(IReadOnlyList<Row> rows) => this.rows = rows;

    public int Count => rows.Count;

    /// <summary>Reads JSON lines.</summary>
    /// <param name="name">Their name in messages.</param>
    /// <param name="faces">The tracks in the session's events.</param>
    /// <exception cref="InvalidDataException">A row is not a correction, or corrects a face that the events lack; the message has the line.</exception>
    public static Corrections Read(IEnumerable<string> lines, string name, IReadOnlySet<int> faces) =>
        new([.. lines.Select((line, i) => (line, place: $"{name}: line {i + 1}")).Where(row => row.line.Length > 0).Select(row => Parse(row.line, row.place, faces))]);

    /// <summary>Returns the emotion that a face shows at a time according to the corrections; null if none applies, it was taken back, or the span is
    /// excluded.</summary>
    /// <param name="timeMs">A span includes its start and not its end.</param>
    public Emotion? At(int face, decimal timeMs) =>
        rows.LastOrDefault(row => row.Face == face && row.StartMs <= timeMs && timeMs < row.EndMs) is { Exclude: false, Emotion: { } emotion } ? Enum.Parse<Emotion>(emotion) : null;

    private static Row Parse(string line, string place, IReadOnlySet<int> faces)
    {
        Row row;
        try
        {
            row = JsonSerializer.Deserialize<Row>(line, FaceTable.Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place} is cut off or not a correction as the page saves it. If it is the last line, remove it.", e);
        }

        return row.Face is not { } face || row.StartMs is not { } start || row.EndMs is not { } end
                ? throw new InvalidDataException($"{place} lacks 'face', 'startMs' or 'endMs': expected a correction as the page saves it.")
            : start < 0 || end <= start
                ? throw new InvalidDataException($"{place}: a span from {start} to {end} ms, expected an end after the start, both since the first frame.")
            : row.Emotion is not null && !Emotions.Labels.Contains(row.Emotion)
                ? throw new InvalidDataException($"{place}: emotion is '{row.Emotion}', expected one of {string.Join(", ", Emotions.Labels)}, or null.")
            : !faces.Contains(face)
                ? throw new InvalidDataException($"{place}: corrects face {face}, which the events lack: the corrections are of another session.")
            : row;
    }

    private sealed record Row(int? Face, decimal? StartMs, decimal? EndMs, string? Emotion, bool Exclude);
}
