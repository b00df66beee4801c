using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Sorting of names with numbers.</summary>
internal static partial class NaturalOrder
{
    /// <summary>Sorts paths in natural order: frame2 before frame10.</summary>
    public static IEnumerable<string> InNaturalOrder(this IEnumerable<string> paths) => paths
        .OrderBy(path => Number().Replace(path, number => number.Value.PadLeft(20, '0')), StringComparer.Ordinal)
        .ThenBy(path => path, StringComparer.Ordinal);

    [GeneratedRegex("[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
