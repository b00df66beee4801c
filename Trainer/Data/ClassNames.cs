using System.Text.RegularExpressions;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Which class a data set means by a name: that of a folder, or a value of a CSV's column <c>emotion</c>.</summary>
/// <param name="own">The data set's own names, which go before the usual ones; null stands for what is to be left out.</param>
internal sealed partial class ClassNames(IReadOnlyDictionary<string, Emotion?>? own = null)
{
    /// <summary>How <c>--classes</c> is written.</summary>
    public const string Form = "NAME=CLASS,…";

    /// <summary>What stands for no class.</summary>
    public const string LeftOut = "none";

    private const int LongName = 5;

    private readonly Dictionary<string, Emotion?> own = new(own ?? new Dictionary<string, Emotion?>(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the data set's own names.</summary>
    public IReadOnlyDictionary<string, Emotion?> Own => own;

    /// <summary>Reads what <c>--classes</c> says; null, where it was not typed, stands for the usual names.</summary>
    /// <exception cref="UsageException">It is written otherwise than <see cref="Form"/>.</exception>
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

    /// <summary>Reads a name.</summary>
    /// <param name="label">The class; null for what is to be left out.</param>
    /// <returns>Whether the name is known.</returns>
    public bool TryParse(string name, out Emotion? label)
    {
        if (own.TryGetValue(name.Trim(), out label))
        {
            return true;
        }

        // Whoever says what one number means counts otherwise than FER2013.
        bool isUsual = Emotions.TryParse(name, out Emotion usual) && !(own.Count > 0 && IsNumber(name));
        label = isUsual ? usual : null;
        return isUsual;
    }

    /// <summary>Whether a name is a number whose meaning FER2013 does not settle.</summary>
    public bool IsForeignNumber(string name) => own.Count == 0 && IsNumber(name) && !Emotions.TryParse(name, out _);

    /// <summary>Refuses class folders that would be taken for other classes than they are, or left out by mistake.</summary>
    /// <returns>What was taken for granted, or null.</returns>
    /// <exception cref="InvalidDataException">Their numbers are not FER2013's, or one is misspelt.</exception>
    public string? Check(string root, IReadOnlyCollection<string> folders)
    {
        if (folders.FirstOrDefault(name => !TryParse(name, out _) && Similar(name) is not null) is { } misspelt)
        {
            string meant = Similar(misspelt)!;
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
            ? $"{root}: class folders 0 to 6 are read as FER2013 counts: {fer}; where they mean something else, say so with '--classes {Form}'"
            : throw new InvalidDataException(
                $"{root}: class folders {string.Join(", ", numbers)}: data sets count their classes in different ways, and FER2013's way is 0 to 6 with none missing ({fer}); "
                + $"say what the numbers mean, for example '--classes {numbers[0]}=surprise,{numbers[^1]}={LeftOut}'");
    }

    private static bool IsNumber(string name) => name.Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);

    // 'hapy', '3-happy' and 'Angry_faces' are classes: without a word, training would go on without them.
    private static string? Similar(string name) => Words().Matches(name).Select(word => word.Value.ToLowerInvariant())
        .SelectMany(word => Emotions.Names.Select(known => (Name: known, Distance: Distance(word, known))))
        .Where(known => known.Distance <= (known.Name.Length >= LongName ? 2 : 1))
        .OrderBy(known => known.Distance).Select(known => known.Name).FirstOrDefault();

    // Levenshtein's: letters put in, taken out and exchanged.
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
