using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace MlNetEmotion.Trainer.Data;

/// <summary>The votes of about ten people on a face (FER+, Barsoum et al. 2016, https://arxiv.org/abs/1608.01041).</summary>
/// <param name="Classes">[7], votes for each class, in index order.</param>
/// <param name="Others">Votes for anything else: contempt, unknown, no face.</param>
internal sealed record Votes(IReadOnlyList<int> Classes, IReadOnlyList<int> Others)
{
    /// <summary>The classes' shares of the votes for a class, [7]; null if there are none.</summary>
    public float[]? Shares { get; } = Classes.Sum() is > 0 and int sum ? [.. Classes.Select(votes => (float)votes / sum)] : null;

    /// <summary>The entropy of <see cref="Shares"/>, in nats: 0 if all agree, or without a vote for a class.</summary>
    public double Entropy => (Shares ?? []).Where(share => share > 0).Sum(share => share * Math.Log(1 / share));

    /// <summary>Returns the class with more votes than any other answer; null if there is none.</summary>
    public Emotion? Majority()
    {
        int most = Classes.Max();
        return Classes.Concat(Others).Count(votes => votes >= most) == 1 ? (Emotion)Classes.ToList().IndexOf(most) : null;
    }
}

/// <summary>
/// A CSV of votes with a column <c>file</c>, one per class, by name or synonym, and optionally <c>contempt</c>, <c>unknown</c> and <c>nf</c>. <c>file</c> is
/// an image's name or the end of its path; for a face in a CSV, that file's name and line: <c>fer2013.csv:2</c>.
/// </summary>
internal static class VotesFile
{
    private const string FileColumn = "file";
    private static readonly string[] OtherColumns = ["contempt", "unknown", "nf"];
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture);

    /// <summary>Reads one or more files.</summary>
    /// <exception cref="UsageException">A file does not exist or is named twice.</exception>
    /// <exception cref="InvalidDataException">A column is missing, a line is invalid, or two files have the same name.</exception>
    public static VotesTable Read(IEnumerable<string> paths)
    {
        var table = new VotesTable();
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            if (!read.Add(Path.GetFullPath(path)))
            {
                throw new UsageException($"--votes {path}: named twice; leave one out");
            }

            Read(path, table);
        }

        return table;
    }

    private static void Read(string path, VotesTable table)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"--votes {path}: no such file; expected a CSV of votes with a column '{FileColumn}' and one for each class");
        }

        using var parser = new CsvParser(new StreamReader(path), Format);
        string[] names = parser.Read() ? parser.Record! : [];
        int file = Array.IndexOf(names, FileColumn);
        int[] classes = [.. Enum.GetValues<Emotion>().Select(emotion => Array.FindIndex(names, name => Emotions.TryParse(name, out Emotion found) && found == emotion))];
        int[] others = [.. Enumerable.Range(0, names.Length).Where(i => OtherColumns.Contains(names[i], StringComparer.OrdinalIgnoreCase))];
        if (file < 0 || classes.Contains(-1))
        {
            throw new InvalidDataException($"{path}:1: expected a column '{FileColumn}' and one for each class, found '{string.Join(',', names)}'");
        }

        while (parser.Read())
        {
            string[] fields = parser.Record!;
            if (fields.Length != names.Length)
            {
                throw new InvalidDataException($"{path}:{parser.RawRow}: expected {names.Length} fields, found {fields.Length}");
            }

            table.Add(new VoteLine(fields[file], path, parser.RawRow, new Votes([.. classes.Select(Count)], [.. others.Select(Count)])));

            int Count(int field) => int.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                ? count
                : throw new InvalidDataException($"{path}:{parser.RawRow}: '{names[field]}' is '{fields[field]}', expected a number of votes");
        }
    }
}
