using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

internal static class CommandLineAssert
{
    /// <summary>Wrong usage ends with exit code 2, writes nothing, and says in one line what to do.</summary>
    /// <param name="run">What the program left.</param>
    /// <param name="expected">Parts of that line.</param>
    public static void IsWrongUsage((int ExitCode, string Output, string Error) run, params string[] expected)
    {
        Assert.True(run.ExitCode == 2, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Matches("^[^\n]+\n$", run.Error);
        Assert.All(expected, part => Assert.Contains(part, run.Error));
        Assert.Equal("", run.Output);
    }
}
