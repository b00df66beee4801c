using System.Globalization;
using MlNetEmotion.Programs;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// FER2013's CSV: a header with <c>emotion</c>, <c>pixels</c> (2304 gray values) and optionally <c>Usage</c>, in any order,
/// then a line a face. Lines are streamed, and parsed when a row's value is asked for.
/// </summary>
public sealed class FerCsvView : IDataView
{
    /// <summary>What may stand around a field: blanks and quotes.</summary>
    private const string Padding = " \t\"";

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
        string[] names = [.. header.Split(',').Select(name => name.Trim([.. Padding]).ToLowerInvariant())];
        emotionField = Array.IndexOf(names, "emotion");
        pixelsField = Array.IndexOf(names, "pixels");
        usageField = Array.IndexOf(names, "usage");
        fieldCount = names.Length;
        if (emotionField < 0 || pixelsField < 0)
        {
            string found = header.Length > 60 ? header[..60] + "…" : header;
            throw new InvalidDataException($"{path}:1: expected the header 'emotion,pixels,Usage', found '{found}'");
        }
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
                yield return FaceColumns.Row($"{path}:{lineNumber}", SplitOf(line), () => ParseLabel(line), () => ParsePixels(line));
            }
        }
    }

    private bool IsComplete(string line) => line.AsSpan().Count(',') == fieldCount - 1;

    /// <summary>No field has a comma in it, quoted or not: a line with more commas is malformed in any case.</summary>
    private static ReadOnlySpan<char> Field(string line, int index)
    {
        ReadOnlySpan<char> rest = line;
        for (; index > 0; index--)
        {
            rest = rest[(rest.IndexOf(',') + 1)..];
        }

        int end = rest.IndexOf(',');
        return (end < 0 ? rest : rest[..end]).Trim(Padding);
    }

    /// <summary>Unspecified where the line is malformed: then its label and pixels throw.</summary>
    private Split SplitOf(string line) =>
        usageField >= 0 && IsComplete(line) && SplitNames.TryParse(Field(line, usageField).ToString(), out Split split)
            ? split
            : Split.Unspecified;

    private Emotion ParseLabel(string line)
    {
        ThrowIfMalformed(line);
        string text = Field(line, emotionField).ToString();
        return Emotions.TryParse(text, out Emotion label)
            ? label
            : throw new InvalidDataException($"emotion is '{text}', expected 0 to {Emotions.Count - 1}");
    }

    private byte[] ParsePixels(string line)
    {
        ThrowIfMalformed(line);
        var face = new byte[FacePreprocessor.PixelCount];
        int count = 0;
        ReadOnlySpan<char> text = Field(line, pixelsField);
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> value = text[range];
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

    private void ThrowIfMalformed(string line)
    {
        if (!IsComplete(line))
        {
            throw new InvalidDataException($"expected {fieldCount} fields, found {line.AsSpan().Count(',') + 1}");
        }

        if (usageField >= 0 && SplitOf(line) == Split.Unspecified)
        {
            throw new InvalidDataException($"usage is '{Field(line, usageField)}', expected Training, PublicTest or PrivateTest");
        }
    }
}
