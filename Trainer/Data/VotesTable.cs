using System.Globalization;

namespace MlNetEmotion.Trainer.Data;

/// <summary>A line of votes.</summary>
/// <param name="Name">The image's name as the file has it: a file name, or a path below the data's folder.</param>
/// <param name="File">The file of votes.</param>
/// <param name="Row">The line, from 1.</param>
/// <param name="Votes">The votes.</param>
internal sealed record VoteLine(string Name, string File, int Row, Votes Votes)
{
    /// <summary>Gets the next line of the same name; 0 for none.</summary>
    public int Again { get; init; }
}

/// <summary>
/// Votes by name, and the images that the names mean. A name fits each image whose path ends in it, segment by segment; of several names that fit an image,
/// the longest counts. A name that fits several images, or that stands on several lines, gives its votes to none: it is not known whose they are.
/// </summary>
internal sealed class VotesTable
{
    private readonly Dictionary<string, VoteLine> lines = new(StringComparer.Ordinal);
    private int mostSegments = 1;

    /// <summary>Adds a line.</summary>
    /// <exception cref="InvalidDataException">Another file has votes on that name.</exception>
    public void Add(VoteLine line)
    {
        string[] segments = Segments(line.Name);
        string key = string.Join('/', segments);
        mostSegments = Math.Max(mostSegments, segments.Length);
        if (!lines.TryGetValue(key, out VoteLine? known))
        {
            lines.Add(key, line);
        }
        else if (known.File != line.File)
        {
            throw new InvalidDataException($"{line.File}: '{line.Name}' has votes in another file already");
        }
        else if (known.Again == 0)
        {
            lines[key] = known with { Again = line.Row };
        }
    }

    /// <summary>Finds each image's votes.</summary>
    /// <param name="images">A place for each image that there is, as <see cref="Place"/> has it, those of other splits among them; one that stands there several
    /// times is several images.</param>
    public VotesMatch Match(IEnumerable<string> images)
    {
        var fitting = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var longest = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string image in images)
        {
            string[] segments = Segments(image);
            for (int count = Math.Min(mostSegments, segments.Length); count > 0; count--)
            {
                string name = string.Join('/', segments[^count..]);
                if (lines.ContainsKey(name))
                {
                    longest.TryAdd(image, name);
                    (fitting.TryGetValue(name, out List<string>? fit) ? fit : fitting[name] = []).Add(image);
                }
            }
        }

        return new VotesMatch(lines, longest, fitting);
    }

    /// <summary>A source as a full path: what fits it must not depend on the folder that the program was started in.</summary>
    public static string Place(string source) => source.Length == 0 || source.Contains('\0', StringComparison.Ordinal) ? source : Path.GetFullPath(source);

    /// <summary>A name's parts, from the outermost; either slash divides.</summary>
    internal static string[] Segments(string name) => [.. name.Split('/', '\\').Where(segment => segment is not ("" or "."))];
}

/// <summary>The images that names of votes mean.</summary>
/// <param name="lines">By name, its segments divided by slashes.</param>
/// <param name="longest">By image's place, the longest name that fits it.</param>
/// <param name="fitting">By name, the images that it fits.</param>
internal sealed class VotesMatch(
    IReadOnlyDictionary<string, VoteLine> lines, IReadOnlyDictionary<string, string> longest, IReadOnlyDictionary<string, List<string>> fitting)
{
    /// <summary>A source's votes; null where no line has any that are surely its.</summary>
    public Votes? Of(string source) =>
        longest.TryGetValue(VotesTable.Place(source), out string? name) && lines[name] is { Again: 0 } line && fitting[name].Count == 1 ? line.Votes : null;

    /// <summary>Says which names give their votes to no image and why: a line for each file and reason.</summary>
    /// <param name="data">The data's name.</param>
    /// <param name="sources">The images that are asked about, some of those that were matched.</param>
    public IEnumerable<string> Warnings(string data, IEnumerable<string> sources)
    {
        HashSet<string> asked = [.. sources.Select(VotesTable.Place)];
        string[] fit = [.. fitting.Keys.Where(name => fitting[name].Any(asked.Contains))];
        return
        [
            .. ByFile(lines.Keys.Where(name => lines[name].Again > 0), OnSeveralLines),
            .. ByFile(fit.Where(name => lines[name].Again == 0 && fitting[name].Count > 1 && IsLongest(name)), FitSeveral),
            .. ByFile(fit.Where(name => !IsLongest(name)), HaveNoEffect),
        ];

        IEnumerable<string> ByFile(IEnumerable<string> names, Func<string, string[], string> describe) =>
            names.GroupBy(name => lines[name].File).Select(file => describe(file.Key, [.. file]));

        bool IsLongest(string name) => fitting[name].Any(image => asked.Contains(image) && longest[image] == name);

        string FitSeveral(string file, string[] names)
        {
            int without = names.Sum(name => fitting[name].Count(image => asked.Contains(image) && longest[image] == name));
            (string first, string second) = (fitting[names[0]][0], fitting[names[0]][1]);
            return $"{data}: {Names(names, "fits", "fit")} several images each in {file}, the first, '{lines[names[0]].Name}', {first} and {second}: "
                + $"whose votes these are is not known, so {(without == 1 ? "no image" : $"none of the {Number(without)} images")} gets them; write paths instead, such as '{Apart(first, second)}'";
        }
    }

    private string OnSeveralLines(string file, string[] names)
    {
        VoteLine first = lines[names[0]];
        return $"{file}: {Names(names, "stands", "stand")} on several lines, the first, '{first.Name}', on {first.Row} and {first.Again}: "
            + "which votes count is not known, so no image gets them; write one line for each image, with the sums of its votes, and paths where two images share a name";
    }

    private string HaveNoEffect(string file, string[] names)
    {
        VoteLine first = lines[names[0]];
        return $"{file}: {Names(names, "has", "have")} no effect, the first, '{first.Name}' on line {first.Row}, since '{longest[fitting[names[0]][0]]}' fits the same image "
            + "and is longer; leave one of them out";
    }

    private static string Names(string[] names, string one, string several) => names.Length == 1 ? $"1 name {one}" : $"{Number(names.Length)} names {several}";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    // The shortest end of a path that another has not.
    private static string Apart(string path, string other)
    {
        (string[] segments, string[] others) = (VotesTable.Segments(path), VotesTable.Segments(other));
        int same = segments.Reverse().Zip(others.Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        return string.Join('/', segments[Math.Max(0, segments.Length - same - 1)..]);
    }
}
