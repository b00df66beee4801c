using System.Globalization;

namespace MlNetEmotion.Trainer.Data;

/// <summary>A line of a vote file.</summary>
/// <param name="Name">The image's file name, or the end of its path.</param>
/// <param name="Row">The line, from 1.</param>
internal sealed record VoteLine(string Name, string File, int Row, Votes Votes)
{
    /// <summary>The next line with the same name; 0 for none.</summary>
    public int RepeatedRow { get; init; }
}

/// <summary>
/// Votes by image name. A name matches each image whose path ends in it, segment by segment; if several names match an image, the longest counts. A name
/// that matches several images, or is on several lines, is ambiguous and assigns its votes to none.
/// </summary>
internal sealed class VotesTable
{
    private readonly Dictionary<string, VoteLine> lines = new(StringComparer.Ordinal);
    private int maxSegments = 1;

    /// <summary>Adds a line.</summary>
    /// <exception cref="InvalidDataException">Another file has votes for the same name.</exception>
    public void Add(VoteLine line)
    {
        string[] segments = Segments(line.Name);
        string key = string.Join('/', segments);
        maxSegments = Math.Max(maxSegments, segments.Length);
        if (!lines.TryGetValue(key, out VoteLine? known))
        {
            lines.Add(key, line);
        }
        else if (known.File != line.File)
        {
            throw new InvalidDataException($"{line.File}: '{line.Name}' has votes in another file already");
        }
        else if (known.RepeatedRow == 0)
        {
            lines[key] = known with { RepeatedRow = line.Row };
        }
    }

    /// <summary>Matches the names with images.</summary>
    /// <param name="images">The full path of every image, as <see cref="Place"/> returns it, including those of other splits; a repeated path stands for
    /// several images.</param>
    public VotesMatch Match(IEnumerable<string> images)
    {
        var imagesByName = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var nameByImage = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string image in images)
        {
            string[] segments = Segments(image);
            for (int count = Math.Min(maxSegments, segments.Length); count > 0; count--)
            {
                string name = string.Join('/', segments[^count..]);
                if (lines.ContainsKey(name))
                {
                    nameByImage.TryAdd(image, name);
                    (imagesByName.TryGetValue(name, out List<string>? fit) ? fit : imagesByName[name] = []).Add(image);
                }
            }
        }

        return new VotesMatch(lines, nameByImage, imagesByName);
    }

    /// <summary>Returns a source as a full path, so that a match does not depend on the working directory.</summary>
    public static string Place(string source) => source.Length == 0 || source.Contains('\0', StringComparison.Ordinal) ? source : Path.GetFullPath(source);

    /// <summary>Splits a name at slashes and backslashes, outermost segment first.</summary>
    internal static string[] Segments(string name) => [.. name.Split('/', '\\').Where(segment => segment is not ("" or "."))];
}

/// <summary>The matches between the names in vote files and images.</summary>
/// <param name="lines">By name, its segments joined by slashes.</param>
/// <param name="nameByImage">By image, the longest name that matches it.</param>
/// <param name="imagesByName">By name, the images that it matches.</param>
internal sealed class VotesMatch(
    IReadOnlyDictionary<string, VoteLine> lines, IReadOnlyDictionary<string, string> nameByImage, IReadOnlyDictionary<string, List<string>> imagesByName)
{
    /// <summary>Returns a source's votes; null if no line matches it unambiguously.</summary>
    public Votes? Of(string source) =>
        nameByImage.TryGetValue(VotesTable.Place(source), out string? name) && lines[name] is { RepeatedRow: 0 } line && imagesByName[name].Count == 1 ? line.Votes : null;

    /// <summary>Returns warnings about names that assign their votes to no image, one line per file and reason.</summary>
    /// <param name="sources">The images to report on, some of those that were matched.</param>
    public IEnumerable<string> Warnings(string data, IEnumerable<string> sources)
    {
        HashSet<string> asked = [.. sources.Select(VotesTable.Place)];
        string[] fit = [.. imagesByName.Keys.Where(name => imagesByName[name].Any(asked.Contains))];
        return
        [
            .. ByFile(lines.Keys.Where(name => lines[name].RepeatedRow > 0), OnSeveralLines),
            .. ByFile(fit.Where(name => lines[name].RepeatedRow == 0 && imagesByName[name].Count > 1 && IsLongest(name)), FitSeveral),
            .. ByFile(fit.Where(name => !IsLongest(name)), HaveNoEffect),
        ];

        IEnumerable<string> ByFile(IEnumerable<string> names, Func<string, string[], string> describe) =>
            names.GroupBy(name => lines[name].File).Select(file => describe(file.Key, [.. file]));

        bool IsLongest(string name) => imagesByName[name].Any(image => asked.Contains(image) && nameByImage[image] == name);

        string FitSeveral(string file, string[] names)
        {
            int without = names.Sum(name => imagesByName[name].Count(image => asked.Contains(image) && nameByImage[image] == name));
            (string first, string second) = (imagesByName[names[0]][0], imagesByName[names[0]][1]);
            return $"{data}: {Names(names, "fits", "fit")} several images each in {file}, the first, '{lines[names[0]].Name}', {first} and {second}: "
                + $"whose votes these are is not known, so {(without == 1 ? "no image" : $"none of the {Number(without)} images")} gets them; write paths instead, such as '{DistinctSuffix(first, second)}'";
        }
    }

    private string OnSeveralLines(string file, string[] names)
    {
        VoteLine first = lines[names[0]];
        return $"{file}: {Names(names, "stands", "stand")} on several lines, the first, '{first.Name}', on {first.Row} and {first.RepeatedRow}: "
            + "which votes count is not known, so no image gets them; write one line for each image, with the sums of its votes, and paths where two images share a name";
    }

    private string HaveNoEffect(string file, string[] names)
    {
        VoteLine first = lines[names[0]];
        return $"{file}: {Names(names, "has", "have")} no effect, the first, '{first.Name}' on line {first.Row}, since '{nameByImage[imagesByName[names[0]][0]]}' fits the same image "
            + "and is longer; leave one of them out";
    }

    private static string Names(string[] names, string one, string several) => names.Length == 1 ? $"1 name {one}" : $"{Number(names.Length)} names {several}";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    // The shortest end of a path that the other path does not have.
    private static string DistinctSuffix(string path, string other)
    {
        (string[] segments, string[] others) = (VotesTable.Segments(path), VotesTable.Segments(other));
        int same = segments.Reverse().Zip(others.Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        return string.Join('/', segments[Math.Max(0, segments.Length - same - 1)..]);
    }
}
