using System.Globalization;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// FER2013's CSV: a header with <c>emotion</c>, <c>pixels</c> (2304 gray values) and optionally <c>Usage</c>, in any order,
/// then a line a face. Lines are streamed, and parsed when a row's value is asked for.
/// </summary>
public sealed class FerCsvView : IDataView
{
    private readonly string path;
    private readonly int emotionField;
    private readonly int pixelsField;
    private readonly int usageField;
    private readonly int fieldCount;

    /// <summary>Reads the header.</summary>
    /// <param name="path">The CSV file.</param>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The first line is not the header.</exception>
    public FerCsvView(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"{path}: no such file; expected a CSV with the columns emotion, pixels and Usage");
        }

        this.path = path;
        string header = File.ReadLines(path).FirstOrDefault() ?? "";
        List<string> names = SplitFields(header);
        emotionField = IndexOf("emotion");
        pixelsField = IndexOf("pixels");
        usageField = IndexOf("usage");
        fieldCount = names.Count;
        if (emotionField < 0 || pixelsField < 0)
        {
            string found = header.Length > 60 ? header[..60] + "…" : header;
            throw new InvalidDataException($"{path}:1: expected the header 'emotion,pixels,Usage', found '{found}'");
        }

        int IndexOf(string name) => names.FindIndex(field => field.Trim().Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public DataSchema Schema => FaceColumns.Schema;

    /// <inheritdoc/>
    public long? RowCount => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Warnings => [];

    /// <inheritdoc/>
    public IEnumerable<DataRow> Rows()
    {
        int lineNumber = 1;
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            lineNumber++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return FaceColumns.Row($"{path}:{lineNumber}", SplitOf(line), () => Parse(line).Label, () => ParsePixels(Parse(line).Pixels));
            }
        }
    }

    /// <summary>A malformed line's split is unspecified; its label and pixels throw.</summary>
    private Split SplitOf(string line)
    {
        if (usageField < 0)
        {
            return Split.Unspecified;
        }

        List<string> fields = SplitFields(line);
        return usageField < fields.Count && SplitNames.TryParse(fields[usageField], out Split split) ? split : Split.Unspecified;
    }

    private (Emotion Label, string Pixels) Parse(string line)
    {
        List<string> fields = SplitFields(line);
        if (fields.Count != fieldCount)
        {
            throw new InvalidDataException($"expected {fieldCount} fields, found {fields.Count}");
        }

        if (usageField >= 0 && !SplitNames.TryParse(fields[usageField], out _))
        {
            throw new InvalidDataException($"usage is '{fields[usageField]}', expected Training, PublicTest or PrivateTest");
        }

        return Emotions.TryParse(fields[emotionField], out Emotion label)
            ? (label, fields[pixelsField])
            : throw new InvalidDataException($"emotion is '{fields[emotionField]}', expected 0 to {Emotions.Count - 1}");
    }

    private static byte[] ParsePixels(ReadOnlySpan<char> text)
    {
        var face = new byte[FacePreprocessor.PixelCount];
        int count = 0;
        foreach (Range range in text.SplitAny(' ', '\t'))
        {
            ReadOnlySpan<char> value = text[range];
            if (value.IsEmpty)
            {
                continue;
            }

            if (!byte.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out byte pixel))
            {
                throw new InvalidDataException($"pixel {count} is '{value}', expected 0 to 255");
            }

            if (count < face.Length)
            {
                face[count] = pixel;
            }

            count++;
        }

        return count == face.Length ? face : throw new InvalidDataException($"expected {face.Length} pixels, found {count}");
    }

    /// <summary>Splits a line at its commas (RFC 4180: a field may stand in quotes, a quote in it is doubled).</summary>
    private static List<string> SplitFields(string line)
    {
        var fields = new List<string>(3);
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i == line.Length || (line[i] == ',' && !quoted))
            {
                fields.Add(Unquote(line[start..i]));
                start = i + 1;
            }
            else if (line[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return fields;
    }

    private static string Unquote(string field)
    {
        string trimmed = field.Trim();
        return trimmed.Length >= 2 && trimmed[0] == '"' && trimmed[^1] == '"'
            ? trimmed[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal)
            : trimmed;
    }
}
