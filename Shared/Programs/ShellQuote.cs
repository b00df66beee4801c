using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Command lines that can be pasted into a shell.</summary>
internal static partial class ShellQuote
{
    /// <summary>This program, started as it was, with other arguments.</summary>
    public static string ThisProgram(params IEnumerable<string> arguments)
    {
        string process = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(process) == "dotnet" ? ["dotnet", Environment.GetCommandLineArgs()[0]] : [process];
        return string.Join(' ', program.Concat(arguments).Select(Quote));
    }

    /// <summary>A word as a shell must see it.</summary>
    public static string Quote(string word) => OperatingSystem.IsWindows() ? QuoteForWindows(word)
        : Plain().IsMatch(word) ? word
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>A word as cmd and PowerShell must see it. Neither a name nor a path has quotation marks there.</summary>
    internal static string QuoteForWindows(string word) => PlainOnWindows().IsMatch(word) ? word
        : $"\"{word}{(word.EndsWith('\\') ? "\\" : "")}\"";    // a backslash before the last mark would make it part of the word

    [GeneratedRegex(@"^[\w@%+=:,./-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();

    // Without @ and %: PowerShell takes the one for a variable, cmd the other.
    [GeneratedRegex(@"^[\w+=:./\\-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainOnWindows();
}
