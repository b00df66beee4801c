using System.Diagnostics;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>The ffmpeg processes that work on a file.</summary>
internal static class FfmpegProcess
{
    public static IEnumerable<int> Find(string file) => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _) && CommandLine(folder) is { } command
            && Path.GetFileName(command.Split('\0')[0]) == "ffmpeg" && command.Contains(file + "\0", StringComparison.Ordinal))
        .Select(folder => int.Parse(Path.GetFileName(folder)));

    /// <summary>Sends a signal to the decoding process or, if there is none, to the encoding one.</summary>
    public static void Signal(string file, string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ffmpeg's process is found in /proc");
        int process = Find(file).OrderBy(id => File.ReadAllText($"/proc/{id}/cmdline").Contains("yuv4mpegpipe", StringComparison.Ordinal) ? 0 : 1).First();
        using Process kill = Process.Start("kill", ["-" + name, $"{process}"]);
        kill.WaitForExit();
    }

    // Null if the process has ended.
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
