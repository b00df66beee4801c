using System.Text;

namespace MlNetEmotion.Programs;

/// <summary>A list of inputs, one a line: <c>@list.txt</c>, or <c>-</c> for standard input.</summary>
internal static class InputList
{
    private const string StandardInput = "-";
    private const char FileMark = '@';

    /// <summary>Whether an input is a list. A file whose own name begins with an @ is none.</summary>
    public static bool IsList(string input) => input == StandardInput || (input is [FileMark, ..] && !Path.Exists(input));

    /// <summary>The inputs that were named: of a list those in it, of a pattern such as <c>photos/*.jpg</c>, which Windows' shells pass on as it is, the
    /// files that fit, in natural order.</summary>
    /// <exception cref="UsageException">A list cannot be read or is empty, or no file fits a pattern.</exception>
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
            return files.Length > 0 ? files : throw new UsageException($"{pattern}: no file in the folder fits.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{pattern}: cannot be listed ({e.Message.TrimEnd('.')}).", e);
        }
    }

    // As UTF-8 on Windows as well, where the console's own encoding may be another.
    private static string ReadStandardInput()
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The inputs in a list; ends of lines may be 0 too, as <c>find -print0</c> writes them.</summary>
    private static string[] Read(string list, CancellationToken stop)
    {
        string text;
        try
        {
            text = list == StandardInput ? Task.Run(ReadStandardInput, stop).WaitAsync(stop).GetAwaiter().GetResult() : File.ReadAllText(list[1..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{list}: cannot be read ({e.Message.TrimEnd('.')}). Behind an @, name a text file with an input a line.", e);
        }

        string[] inputs = [.. text.TrimStart('\uFEFF').Split(['\n', '\r', '\0']).Where(line => !string.IsNullOrWhiteSpace(line))];
        return inputs.Length > 0 ? inputs : throw new UsageException($"{list}: a list without inputs; expected one a line.");
    }
}
