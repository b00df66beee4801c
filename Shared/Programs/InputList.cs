namespace MlNetEmotion.Programs;

/// <summary>A list of inputs, one a line: <c>@list.txt</c>, or <c>-</c> for standard input.</summary>
internal static class InputList
{
    private const string StandardInput = "-";
    private const char FileMark = '@';

    /// <summary>Whether an input is a list. A file whose own name begins with an @ is none.</summary>
    public static bool IsList(string input) => input == StandardInput || (input is [FileMark, ..] && !Path.Exists(input));

    /// <summary>What was named, each list by what is in it.</summary>
    public static string[] Expand(IEnumerable<string> named, CancellationToken stop) => [.. named.SelectMany(input => IsList(input) ? Read(input, stop) : [input])];

    /// <summary>The inputs in a list; ends of lines may be 0 too, as <c>find -print0</c> writes them.</summary>
    private static string[] Read(string list, CancellationToken stop)
    {
        string text;
        try
        {
            text = list == StandardInput ? Task.Run(Console.In.ReadToEnd, stop).WaitAsync(stop).GetAwaiter().GetResult() : File.ReadAllText(list[1..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{list}: cannot be read ({e.Message.TrimEnd('.')}). Behind an @, name a text file with an input a line.", e);
        }

        string[] inputs = [.. text.TrimStart('\uFEFF').Split(['\n', '\r', '\0']).Where(line => !string.IsNullOrWhiteSpace(line))];
        return inputs.Length > 0 ? inputs : throw new UsageException($"{list}: a list without inputs; expected one a line.");
    }
}
