using System.Text;
using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Lists of inputs, one per line: <c>@list.txt</c>, or <c>-</c> for standard input.</summary>
internal static class InputList
{
    private const string StandardInput = "-";
    private const char FileMark = '@';

    /// <summary>Whether an input is a list, rather than a file whose name starts with '@'.</summary>
    public static bool IsList(string input) => input == StandardInput || (input is [FileMark, ..] && !Path.Exists(input));

    /// <summary>Expands lists to their inputs, and patterns such as <c>photos/*.jpg</c>, which Windows' shells do not expand, to the matching files in
    /// natural order.</summary>
    /// <exception cref="UsageException">A list cannot be read or is empty, or no file matches a pattern.</exception>
    public static string[] Expand(IEnumerable<string> named, CancellationToken stop) =>
        [.. named.SelectMany(input => IsList(input) ? Read(input, stop) : IsPattern(input) ? Fitting(input) : [input])];

    private static bool IsPattern(string input) =>
        Path.GetFileName(input).AsSpan().IndexOfAny('*', '?') >= 0 && !input.Contains("://", StringComparison.Ordinal) && !Path.Exists(input);

    private static string[] Fitting(string pattern)
    {
        string? folder = Path.GetDirectoryName(pattern);
        try
        {
            string[] files = [.. Directory.EnumerateFiles(string.IsNullOrEmpty(folder) ? "." : folder, Path.GetFileName(pattern))
                .Select(file => Path.Join(folder, Path.GetFileName(file))).InNaturalOrder()];
            return files.Length > 0 ? files : throw new UsageException($"{pattern}: no file in the folder matches.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{pattern}: cannot be listed ({e.Message.TrimEnd('.')}).", e);
        }
    }

    // UTF-8 on Windows too, where the console may have another encoding.
    private static string ReadStandardInput()
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The inputs in a list; accepts NUL as a line ending too, as written by <c>find -print0</c>.</summary>
    private static string[] Read(string list, CancellationToken stop)
    {
        string text = OutputFiles.Try(list, "cannot be read", "After '@', name a text file with one input per line.", () =>
            list == StandardInput ? Task.Run(ReadStandardInput, stop).WaitAsync(stop).GetAwaiter().GetResult() : File.ReadAllText(list[1..]));
        string[] inputs = [.. text.Split(['\n', '\r', '\0']).Where(line => !string.IsNullOrWhiteSpace(line))];
        return inputs.Length > 0 ? inputs : throw new UsageException($"{list}: a list without inputs; expected one per line.");
    }
}

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
