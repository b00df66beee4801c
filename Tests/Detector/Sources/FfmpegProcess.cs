using System.Diagnostics;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>The ffmpeg processes that work on a file.</summary>
internal static class FfmpegProcess
{
    public static IEnumerable<int> Find(string file) => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _) && CommandLine(folder) is { } command
            && command.StartsWith("ffmpeg\0", StringComparison.Ordinal) && command.Contains(file + "\0", StringComparison.Ordinal))
        .Select(folder => int.Parse(Path.GetFileName(folder)));

    /// <summary>Sends a signal to the one that there is.</summary>
    public static void Signal(string file, string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, $"{Find(file).Single()}"]);
        kill.WaitForExit();
    }

    // Null of a process that is gone.
    private static string? CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
