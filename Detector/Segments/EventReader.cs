using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Segments;

/// <summary>Reads the faces in events files: JSON Lines, CSV in each variant, and Parquet. Not thread-safe.</summary>
internal sealed class EventReader
{
    private const decimal MaxTimeMs = 1e12m;    // three decades; sums of larger ones would overflow

    private static readonly string[] Columns = ["source", "frame", "timestampMs", "trackId", "confidence", "shown"];
    private static readonly HashSet<string> Labels = [.. Emotions.Labels, FaceResult.Uncertain];

    private readonly Dictionary<string, Place> places = [];

    /// <summary>Reads a file lazily. The frames of a source must follow each other, also over several files.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, is no events file, or its frames are in another order; the message has the place.</exception>
    public IEnumerable<ShownFace> Read(string path) => Check(path, Path.GetExtension(path).ToLowerInvariant() switch
    {
        FaceTable.Ending => ReadParquet(path),
        ".csv" => ReadCsv(path),
        _ => ReadJsonLines(File.ReadLines(path), path),
    });

    /// <summary>Reads JSON lines lazily.</summary>
    /// <param name="name">Their name in messages.</param>
    /// <exception cref="InvalidDataException">As for a file.</exception>
    public IEnumerable<ShownFace> Read(IEnumerable<string> lines, string name) => Check(name, ReadJsonLines(lines, name));

    private IEnumerable<ShownFace> Check(string path, IEnumerable<(string Place, ShownFace Face)> rows)
    {
        foreach ((string place, ShownFace face) in rows)
        {
            Check(face, $"{path}: {place}");
            yield return face;
        }
    }

    private static IEnumerable<(string Place, ShownFace Face)> ReadParquet(string path)
    {
        using var table = new FaceTableReader(path);
        long row = 0;
        foreach (FaceRow face in table.Groups().SelectMany(group => group))
        {
            string place = $"row {++row}";
            decimal time = double.Abs(face.TimestampMs) < 1e15 ? (decimal)face.TimestampMs : throw new InvalidDataException($"{path}: {place}: timestampMs is {face.TimestampMs}.");
            decimal probability = face.Face.Confidence is >= 0 and <= 1 ? WrittenNumbers.Probability(face.Face.Confidence) : -1;
            yield return (place, new ShownFace(face.Source, face.Frame, time, face.Face.TrackId, face.Face.Shown, probability));
        }
    }

    private static IEnumerable<(string Place, ShownFace Face)> ReadJsonLines(IEnumerable<string> lines, string path) =>
        lines.Select((line, i) => (Line: line, Place: $"line {i + 1}")).Where(row => row.Line.Length > 0).Select(row => (row.Place, Parse(row.Line, $"{path}: {row.Place}")));

    private static ShownFace Parse(string line, string place)
    {
        try
        {
            JsonFace face = JsonSerializer.Deserialize<JsonFace>(line, FaceTable.Json)!;
            string? missing = face is null ? Columns[0] : Columns.Zip(new object?[] { face.Source, face.Frame, face.TimestampMs, face.TrackId, face.Confidence, face.Shown })
                .FirstOrDefault(field => field.Second is null).First;
            return missing is null ? new ShownFace(face!.Source!, face.Frame!.Value, face.TimestampMs!.Value, face.TrackId!.Value, face.Shown!, face.Confidence!.Value, face.Box)
                : throw new InvalidDataException($"{place} has no '{missing}': expected events as '--events' writes them.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place} is cut off or not an event as '--events' writes it. If it is the last line of a run that was killed, remove it.", e);
        }
    }

    private static IEnumerable<(string Place, ShownFace Face)> ReadCsv(string path)
    {
        using var reader = new StreamReader(path);
        using IEnumerator<CsvRecord> records = CsvRecords.Read(reader, path).GetEnumerator();
        if (!records.MoveNext())
        {
            yield break;
        }

        string[] header = records.Current.Values;
        int[] columns = [.. Columns.Select(name => Array.IndexOf(header, name))];
        if (Array.IndexOf(columns, -1) is >= 0 and var missing)
        {
            throw new InvalidDataException($"{path}: the header has no column '{Columns[missing]}': expected events as '--events' writes them.");
        }

        while (records.MoveNext())
        {
            string place = $"line {records.Current.Line}";
            string[] values = records.Current.Values;
            if (values.Length != header.Length)
            {
                throw new InvalidDataException($"{path}: {place} has {values.Length} values, expected {header.Length}. If it is the last line of a run that was killed, remove it.");
            }

            yield return (place, new ShownFace(
                values[columns[0]], Number<long>(1), Number<decimal>(2), Number<int>(3), values[columns[5]], Number<decimal>(4)));

            // Decimal commas stand in CSV with semicolons only.
            T Number<T>(int column)
                where T : struct, INumber<T> =>
                T.TryParse(values[columns[column]].Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out T value) ? value
                    : throw new InvalidDataException($"{path}: {place}: {Columns[column]} is '{values[columns[column]]}', expected a number.");
        }
    }

    private void Check(in ShownFace face, string place)
    {
        if (!Labels.Contains(face.Shown))
        {
            throw new InvalidDataException($"{place}: shown is '{face.Shown}', expected one of {string.Join(", ", Labels)}.");
        }

        if (face.Frame < 0 || face.TimeMs is < 0 or > MaxTimeMs)
        {
            throw new InvalidDataException($"{place}: frame {face.Frame} at {face.TimeMs} ms, expected numbers from 0 and ms since the source's first frame.");
        }

        if (face.Probability is < 0 or > 1)
        {
            throw new InvalidDataException($"{place}: confidence must be between 0 and 1.");
        }

        Place last = places.GetValueOrDefault(face.Source) ?? (places[face.Source] = new Place());
        bool isNext = face.Frame > last.Frame && face.TimeMs >= last.TimeMs;
        bool isSame = face.Frame == last.Frame && face.TimeMs == last.TimeMs;
        if (!isNext && !isSame)
        {
            throw new InvalidDataException(
                $"{place}: frame {face.Frame} at {face.TimeMs} ms of {face.Source} follows frame {last.Frame} at {last.TimeMs} ms: the events are not in their order, or of two runs. Sort them by source and frame, or name one run's.");
        }

        if (isNext)
        {
            (last.Frame, last.TimeMs) = (face.Frame, face.TimeMs);
            last.Tracks.Clear();
        }

        if (!last.Tracks.Add(face.TrackId))
        {
            throw new InvalidDataException($"{place}: face {face.TrackId} is in frame {face.Frame} of {face.Source} twice: the events are of two runs. Name one run's.");
        }
    }

    private sealed record JsonFace(string? Source, long? Frame, decimal? TimestampMs, int? TrackId, decimal? Confidence, string? Shown, Box Box);

    private sealed class Place
    {
        public long Frame { get; set; } = -1;
        public decimal TimeMs { get; set; }
        public HashSet<int> Tracks { get; } = [];
    }
}

/// <summary>A record of a CSV file.</summary>
/// <param name="Line">The number of its first line, from 1.</param>
internal readonly record struct CsvRecord(long Line, string[] Values);

/// <summary>Reads CSV (RFC 4180). The separator is the header's first: a semicolon or a comma.</summary>
internal static class CsvRecords
{
    /// <exception cref="InvalidDataException">A quotation mark is not closed, or the last line has no end.</exception>
    public static IEnumerable<CsvRecord> Read(TextReader reader, string path)
    {
        long line = 1;
        char? separator = null;
        while (reader.Peek() >= 0)
        {
            long first = line;
            var values = new List<string>();
            var value = new StringBuilder();
            bool isQuoted = false;
            int next;

            // Only "\n" ends a line, and a name may contain "\r".
            while ((next = reader.Read()) >= 0 && (isQuoted || next != '\n'))
            {
                var character = (char)next;
                line += character == '\n' ? 1 : 0;
                separator ??= !isQuoted && character is ';' or ',' ? character : null;
                if (character == '"' && isQuoted && reader.Peek() == '"')
                {
                    value.Append((char)reader.Read());
                }
                else if (character == '"')
                {
                    isQuoted = !isQuoted;
                }
                else if (character == separator && !isQuoted)
                {
                    values.Add(value.ToString());
                    value.Clear();
                }
                else if (isQuoted || character != '\r' || reader.Peek() != '\n')
                {
                    value.Append(character);
                }
            }

            // A line that was cut within its last value would look whole.
            if (next < 0)
            {
                throw new InvalidDataException($"{path}: line {first} is cut off. If it is the last line of a run that was killed, remove it; if it is whole, end it with a line break.");
            }

            line++;
            values.Add(value.ToString());
            if (values is not [""])
            {
                yield return new CsvRecord(first, [.. values]);
            }
        }
    }
}
