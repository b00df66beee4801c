using System.Text.RegularExpressions;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Maps a data set's class names, which are folder names or values of a CSV's column <c>emotion</c>, to emotions.</summary>
/// <param name="own">The data set's own names, which precede the usual ones; null excludes a class.</param>
internal sealed partial class ClassNames(IReadOnlyDictionary<string, Emotion?>? own = null)
{
    /// <summary>The syntax of <c>--classes</c>.</summary>
    public const string Form = "NAME=CLASS,…";

    /// <summary>The word for an excluded class.</summary>
    public const string LeftOut = "none";

    private const int LongName = 5;

    private readonly Dictionary<string, Emotion?> own = new(own ?? new Dictionary<string, Emotion?>(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Parses the value of <c>--classes</c>; null, if it was not typed, gives the usual names.</summary>
    /// <exception cref="UsageException">The text does not follow <see cref="Form"/>.</exception>
    public static ClassNames Parse(string? text)
    {
        var own = new Dictionary<string, Emotion?>(StringComparer.OrdinalIgnoreCase);
        foreach (string pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = pair.Split('=', StringSplitOptions.TrimEntries);
            Emotion? label = sides is [_, var name] && Emotions.TryParse(name, out Emotion found) ? found : null;
            if (sides is not [{ Length: > 0 }, var right] || (label is null && right != LeftOut) || !own.TryAdd(sides[0], label))
            {
                throw new UsageException(
                    $"--classes: '{pair}': expected {Form}, each name once, for example 1=surprise,2=fear; a class is one of {string.Join(", ", Emotions.Labels)}, or '{LeftOut}' to leave it out");
            }
        }

        return new ClassNames(own);
    }

    /// <summary>Maps a name to its class.</summary>
    /// <param name="label">The class; null for an excluded one.</param>
    /// <returns>Whether the name is known.</returns>
    public bool TryParse(string name, out Emotion? label)
    {
        if (own.TryGetValue(name.Trim(), out label))
        {
            return true;
        }

        // If one number is mapped explicitly, the data set does not use FER2013's numbers.
        bool isUsual = Emotions.TryParse(name, out Emotion usual) && !(own.Count > 0 && IsNumber(name));
        label = isUsual ? usual : null;
        return isUsual;
    }

    /// <summary>Whether a name is a number that FER2013 does not define.</summary>
    public bool IsUndefinedNumber(string name) => own.Count == 0 && IsNumber(name) && !Emotions.TryParse(name, out _);

    /// <summary>Rejects class folders that would be read as the wrong class, or left out by mistake.</summary>
    /// <returns>A warning about an assumption, or null.</returns>
    /// <exception cref="InvalidDataException">The numbers are not FER2013's, or a name is misspelt.</exception>
    public string? Check(string root, IReadOnlyCollection<string> folders)
    {
        if (folders.FirstOrDefault(name => !TryParse(name, out _) && ClosestName(name) is not null) is { } misspelt)
        {
            string meant = ClosestName(misspelt)!;
            throw new InvalidDataException(
                $"{root}: class folder '{misspelt}': did you mean '{meant}'? Rename it, or add '--classes {misspelt}={meant}' ('{misspelt}={LeftOut}' leaves it out)");
        }

        string[] numbers = [.. folders.Where(IsNumber).Distinct().Order(StringComparer.Ordinal)];
        if (own.Count > 0 || numbers.Length == 0)
        {
            return null;
        }

        string fer = string.Join(", ", Emotions.Labels.Select((label, index) => $"{index}={label}"));
        return numbers.SequenceEqual(Enumerable.Range(0, Emotions.Count).Select(index => $"{index}"))
            ? $"{root}: class folders 0 to 6 are read as FER2013 counts: {fer}; if they mean something else, map them with '--classes {Form}'"
            : throw new InvalidDataException(
                $"{root}: class folders {string.Join(", ", numbers)}: data sets count their classes in different ways, and FER2013's way is 0 to 6 with none missing ({fer}); "
                + $"say what the numbers mean, for example '--classes {numbers[0]}=surprise,{numbers[^1]}={LeftOut}'");
    }

    private static bool IsNumber(string name) => name.Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);

    // 'hapy', '3-happy' and 'Angry_faces' are meant as classes: without an error, training would continue without them.
    private static string? ClosestName(string name) => Words().Matches(name).Select(word => word.Value.ToLowerInvariant())
        .SelectMany(word => Emotions.Names.Select(known => (Name: known, Distance: Distance(word, known))))
        .Where(known => known.Distance <= (known.Name.Length >= LongName ? 2 : 1))
        .OrderBy(known => known.Distance).Select(known => known.Name).FirstOrDefault();

    // The Levenshtein distance: insertions, deletions and substitutions.
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            (int above, row[0]) = (row[0], i);
            for (int j = 1; j <= to.Length; j++)
            {
                (above, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, above + (from[i - 1] == to[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }

    [GeneratedRegex(@"\p{L}{3,}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
