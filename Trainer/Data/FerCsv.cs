using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// FER2013's CSV: a header with <c>emotion</c>, <c>pixels</c> (2304 gray values) and optionally <c>Usage</c>, in any order, then one line per face.
/// Lines are streamed, and parsed when a row's value is read.
/// </summary>
internal sealed class FerCsv(string path, ClassNames classes, string[] names)
{
    // No valid field has a comma or a line break, so quotes are read as plain characters: a stray one then spoils only its own line.
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { Mode = CsvMode.NoEscape };

    private readonly int emotionField = Find(names, "emotion");
    private readonly int pixelsField = Find(names, "pixels");
    private readonly int usageField = Find(names, "usage");

    /// <summary>Opens the file and reads its header.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The first line is not the expected header.</exception>
    public static FaceDataView Open(string path, ClassNames? classes = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; expected a CSV with the columns emotion, pixels and Usage", path);
        }

        using CsvParser parser = Parse(path);
        string[] names = parser.Read() ? parser.Record! : [];
        var csv = new FerCsv(path, classes ?? new ClassNames(), names);
        if (csv.emotionField < 0 || csv.pixelsField < 0)
        {
            string header = string.Join(',', names);
            throw new InvalidDataException(
                $"{path}:1: expected the header 'emotion,pixels,Usage', found '{(header.Length > 60 ? header[..60] + "…" : header)}'");
        }

        return new FaceDataView(path, [], csv.Rows) { HasSplits = csv.usageField >= 0 };
    }

    private static CsvParser Parse(string path) => new(new StreamReader(path), Format);

    private static int Find(string[] names, string name) => Array.FindIndex(names, found => Trim(found).Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string Trim(string field) => field.Trim(' ', '\t', '"');

    private IEnumerable<FaceRow> Rows()
    {
        using CsvParser parser = Parse(path);
        parser.Read();
        while (parser.Read())
        {
            string[] fields = parser.Record!;
            Split split = Split.Unspecified;
            string? error = fields.Length != names.Length ? $"expected {names.Length} fields, found {fields.Length}"
                : usageField >= 0 && !SplitNames.TryParse(Trim(fields[usageField]), out split)
                    ? $"usage is '{Trim(fields[usageField])}', expected Training, PublicTest or PrivateTest"
                    : null;
            string text = error is null ? Trim(fields[emotionField]) : "";
            if (classes.IsUndefinedNumber(text))
            {
                throw new InvalidDataException(
                    $"{path}:{parser.RawRow}: emotion is '{text}', expected FER2013's 0 to {Emotions.Count - 1}; if the numbers mean something else, map them with '--classes {ClassNames.Form}'");
            }

            bool isLeftOut = classes.TryParse(text, out Emotion? label) && label is null;
            if (!isLeftOut)
            {
                yield return new FaceRow(
                    $"{path}:{parser.RawRow}",
                    split,
                    () => error is null ? label ?? throw new InvalidDataException($"emotion is '{text}', which is no class's name") : throw new InvalidDataException(error),
                    () => error is null ? ParsePixels(Trim(fields[pixelsField])) : throw new InvalidDataException(error));
            }
        }
    }

    private static byte[] ParsePixels(string text)
    {
        var face = new byte[FacePreprocessor.PixelCount];
        int count = 0;
        foreach (Range range in text.AsSpan().Split(' '))
        {
            ReadOnlySpan<char> value = text.AsSpan(range);
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
}
