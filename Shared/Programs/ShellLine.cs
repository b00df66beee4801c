using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Command lines that can be pasted into a shell.</summary>
internal static partial class ShellLine
{
    /// <summary>This program, started as it was, with other arguments.</summary>
    public static string OfThisProgram(params IEnumerable<string> arguments)
    {
        string process = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(process) == "dotnet" ? ["dotnet", Environment.GetCommandLineArgs()[0]] : [process];
        return string.Join(' ', program.Concat(arguments).Select(Quote));
    }

    /// <summary>A word as a shell must see it.</summary>
    public static string Quote(string word) => Plain().IsMatch(word) ? word
        : OperatingSystem.IsWindows() ? $"\"{word}\""
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^[\w@%+=:,./-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();
}
