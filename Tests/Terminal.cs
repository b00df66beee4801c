using System.Text.RegularExpressions;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>The screen that a program leaves on a terminal: a pseudo-terminal by util-linux' script, and the few control sequences (ECMA-48)
/// that progress bars use.</summary>
internal static partial class Terminal
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>The lines of the screen and of what has scrolled off it.</returns>
    public static async Task<string[]> Run(int columns, string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "needs util-linux' script");
        using var folder = new TemporaryFolder();
        string log = Path.Combine(folder.Root, "log");
        (int exitCode, _, string error) = await ProgramProcess.Run(
            "sh", "-c", $"TERM=xterm script -qec 'stty cols {columns} rows 24; {command}' /dev/null > {log} < /dev/null");
        string written = File.ReadAllText(log);
        Assert.True(exitCode == 0, error + written);
        return Show(written, columns);
    }

    /// <summary>The lines that a terminal shows of what was written to it.</summary>
    public static string[] Show(string written, int columns)
    {
        var lines = new List<char[]>();
        (int x, int y) = (0, 0);
        foreach (Match part in Piece().Matches(written))
        {
            int count = part.Groups["count"].ValueSpan.Length > 0 ? int.Parse(part.Groups["count"].ValueSpan) : -1;
            switch (part.Groups["final"].Value is [var final] ? final : part.Value[0])
            {
                case '\r': x = 0; break;
                case '\n': y++; break;
                case 'A': y = Math.Max(0, y - Math.Abs(count)); break;
                case 'G': x = Math.Abs(count) - 1; break;
                case 'K': Array.Fill(Line(), ' ', count < 1 ? x : 0, count < 1 ? columns - x : count == 1 ? x : columns); break;
                case 'J': lines.RemoveRange(Math.Min(y, lines.Count), Math.Max(0, lines.Count - y)); break;
                default: Write(part.Value[0] == '\u001b' ? "" : part.Value); break;
            }
        }

        return [.. lines.Select(line => new string(line).TrimEnd())];

        char[] Line()
        {
            while (lines.Count <= y)
            {
                lines.Add([.. Enumerable.Repeat(' ', columns)]);
            }

            return lines[y];
        }

        void Write(string text)
        {
            foreach (char letter in text)
            {
                (x, y) = x == columns ? (0, y + 1) : (x, y);
                Line()[x++] = letter;
            }
        }
    }

    [GeneratedRegex(@"\x1b\[[?]?(?<count>[0-9]*)[0-9;]*(?<final>[A-Za-z])|\x1b.|\r|\n|[^\x1b\r\n]+", RegexOptions.None, 30_000)]
    private static partial Regex Piece();
}
