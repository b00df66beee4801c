using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>A Python that has a module: an implementation that is not ours, where the machine has one.</summary>
internal static class Python
{
    /// <summary>Runs a script that must succeed; skips the test where no Python has the module.</summary>
    /// <param name="module">What the script imports.</param>
    /// <param name="script">Its text.</param>
    /// <param name="args">Its arguments.</param>
    /// <returns>What it writes.</returns>
    public static async Task<string> Run(string module, string script, params string[] args)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/bin"];
        foreach (string python in folders.Select(folder => Path.Combine(folder, "python3")).Where(File.Exists).Distinct())
        {
            (int exitCode, string output, string error) = await ProgramProcess.Run(python, ["-c", script, .. args]);
            if (!error.Contains($"No module named '{module}'", StringComparison.Ordinal))
            {
                Assert.True(exitCode == 0, error);
                return output;
            }
        }

        Assert.Skip($"no python3 has the module '{module}'");
        return "";
    }
}
