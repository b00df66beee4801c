using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>What about ten people saw in a face, a vote each (Barsoum et al. 2016, https://arxiv.org/abs/1608.01041).</summary>
/// <param name="Classes">[7], votes for each class in index order.</param>
/// <param name="Others">Votes for what is no class: contempt, unknown, no face.</param>
internal sealed record Votes(IReadOnlyList<int> Classes, IReadOnlyList<int> Others)
{
    /// <summary>Gets the classes' shares of the votes that one of them got, [7]; null where none got any.</summary>
    public float[]? Shares { get; } = Classes.Sum() is > 0 and int sum ? [.. Classes.Select(votes => (float)votes / sum)] : null;

    /// <summary>The class with more votes than anything else; null where there is none.</summary>
    public Emotion? Majority()
    {
        int most = Classes.Max();
        return Classes.Concat(Others).Count(votes => votes >= most) == 1 ? (Emotion)Classes.ToList().IndexOf(most) : null;
    }
}

/// <summary>Votes on images by file name: a CSV with a column <c>file</c>, one for each class, by name or synonym, and any of the others'.</summary>
internal static class VotesFile
{
    private const string FileColumn = "file";
    private static readonly string[] OtherColumns = ["contempt", "unknown", "nf"];
    private static readonly Votes Nobody = new([.. new int[Emotions.Count]], []);
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture);

    /// <summary>Reads one or more files.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It has no such columns, a line is none of votes, or an image stands in two files.</exception>
    public static IReadOnlyDictionary<string, Votes> Read(IEnumerable<string> paths)
    {
        var votes = new Dictionary<string, Votes>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            foreach ((string file, Votes asked) in Read(path))
            {
                if (!votes.TryAdd(file, asked))
                {
                    throw new InvalidDataException($"{path}: '{file}' has votes in another file already");
                }
            }
        }

        return votes;
    }

    // A name that stands there twice is two images': which votes are whose is not known, so neither has any. FER2013 has one such name.
    private static Dictionary<string, Votes> Read(string path)
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

        var votes = new Dictionary<string, Votes>(StringComparer.Ordinal);
        while (parser.Read())
        {
            string[] fields = parser.Record!;
            if (fields.Length != names.Length)
            {
                throw new InvalidDataException($"{path}:{parser.RawRow}: expected {names.Length} fields, found {fields.Length}");
            }

            var asked = new Votes([.. classes.Select(Count)], [.. others.Select(Count)]);
            votes[fields[file]] = votes.ContainsKey(fields[file]) ? Nobody : asked;

            int Count(int field) => int.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                ? count
                : throw new InvalidDataException($"{path}:{parser.RawRow}: '{names[field]}' is '{fields[field]}', expected a number of votes");
        }

        return votes;
    }
}
