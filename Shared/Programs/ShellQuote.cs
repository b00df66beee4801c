using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Quotes words and command lines, so that they can be pasted into a shell.</summary>
internal static partial class ShellQuote
{
    /// <summary>The command line that starts this program again with other arguments.</summary>
    public static string ThisProgram(params IEnumerable<string> arguments)
    {
        string process = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(process) == "dotnet" ? ["dotnet", Environment.GetCommandLineArgs()[0]] : [process];
        return string.Join(' ', program.Concat(arguments).Select(Quote));
    }

    /// <summary>Quotes a word for the system's shell, if necessary.</summary>
    public static string Quote(string word) => OperatingSystem.IsWindows() ? QuoteForWindows(word)
        : Plain().IsMatch(word) ? word
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>Quotes a word for cmd and PowerShell, if necessary. File names on Windows cannot contain quotation marks.</summary>
    internal static string QuoteForWindows(string word) => PlainOnWindows().IsMatch(word) ? word
        : $"\"{word}{(word.EndsWith('\\') ? "\\" : "")}\"";    // doubled, since a single backslash would escape the closing quotation mark

    [GeneratedRegex(@"^[\w@%+=:,./-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();

    // Without '@' and '%', which start variables in PowerShell and cmd.
    [GeneratedRegex(@"^[\w+=:./\\-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainOnWindows();
}
