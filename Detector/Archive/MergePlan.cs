using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Archive;

/// <summary>The result files to merge, and the file from which each input is taken.</summary>
internal sealed class MergePlan
{
    private readonly Dictionary<string, (string File, InputRecord Input)> taken = [];
    private readonly ILookup<string, InputRecord> byFile;

    /// <summary>Reads the files' metadata. Files that are damaged, no results, or made with other settings are reported and left out.</summary>
    /// <param name="manifest">The expected inputs; null to accept all.</param>
    public MergePlan(IEnumerable<string> files, IReadOnlyCollection<string>? manifest, Action<string> warn)
    {
        HashSet<string>? expected = manifest?.ToHashSet();
        ResultFile[] read = [.. files.Select(file => TryRead(file, warn)).OfType<ResultFile>()];

        // With several settings, those of the most inputs are taken.
        string? settings = read.GroupBy(file => file.Settings).OrderByDescending(group => group.Sum(file => file.Inputs.Count)).ThenBy(group => group.Key, StringComparer.Ordinal).FirstOrDefault()?.Key;
        foreach (ResultFile file in read.Where(file => file.Settings != settings))
        {
            warn($"{file.Path}: made with other settings or another model ({file.Settings}) than most ({settings}): left out. Merge it by itself, or remove it.");
        }

        int twice = 0;
        var foreign = new List<string>();
        ResultFile[] own = [.. read.Where(file => file.Settings == settings)];
        foreach ((ResultFile file, InputRecord input) in own.SelectMany(file => file.Inputs.Select(input => (file, input))))
        {
            if (expected?.Contains(input.Source) == false)
            {
                foreign.Add(input.Source);
            }
            else if (!taken.TryAdd(input.Source, (file.Path, input)))
            {
                twice++;
                if (input.Error is null && taken[input.Source].Input.Error is not null)
                {
                    taken[input.Source] = (file.Path, input);
                }
            }
        }

        byFile = taken.Values.ToLookup(pair => pair.File, pair => pair.Input);
        Files = [.. own.OrderBy(file => file.Inputs is [var first, ..] ? first.Source : "", StringComparer.Ordinal).ThenBy(file => file.Path, StringComparer.Ordinal).Select(file => file.Path)];
        Missing = [.. (expected ?? []).Where(source => !taken.ContainsKey(source)).Order(StringComparer.Ordinal)];
        if (twice > 0)
        {
            warn($"{Quantity.Pluralize(twice, "input")} in more than one file: each is taken once.");
        }

        if (foreign.Count > 0)
        {
            warn($"{Quantity.Pluralize(foreign.Count, "input")} not in the manifest, left out: {Some(foreign)}");
        }
    }

    /// <summary>The files to merge, in order.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The inputs in the manifest that no file contains.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>The records of all inputs to merge, by name.</summary>
    public IEnumerable<InputRecord> Inputs => taken.Values.Select(pair => pair.Input).OrderBy(input => input.Source, StringComparer.Ordinal);

    /// <summary>Joins the first ten names, and counts the others.</summary>
    public static string Some(IReadOnlyList<string> names) => string.Join(", ", names.Take(10)) + (names.Count > 10 ? $", and {names.Count - 10} more" : "");

    /// <summary>Whether the rows of a source are taken from this file.</summary>
    public bool Takes(string file, string source) => taken.TryGetValue(source, out (string File, InputRecord Input) from) && from.File == file;

    /// <summary>The inputs taken from a file.</summary>
    public IEnumerable<InputRecord> From(string file) => byFile[file];

    private static ResultFile? TryRead(string file, Action<string> warn)
    {
        try
        {
            using var table = new FaceTableReader(file);
            return new ResultFile(file, table.Settings, table.Inputs);
        }
        catch (InvalidDataException e)
        {
            warn($"{e.Message} It is left out; if it is a shard's result, run that shard again.");
            return null;
        }
    }

    private sealed record ResultFile(string Path, string Settings, IReadOnlyList<InputRecord> Inputs);
}
