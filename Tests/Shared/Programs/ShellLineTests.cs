using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class ShellLineTests
{
    [Theory]
    [InlineData("runs/2026-01-02")]
    [InlineData("my runs/it's $HOME; \"all\"")]
    [InlineData("")]
    public async Task Quote_Pasted_IsOneWordAsItWas(string word)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");

        (_, string output, _) = await ProgramProcess.Run("sh", "-c", $"printf '%s|' {ShellLine.Quote(word)} end");
        Assert.Equal($"{word}|end|", output.TrimEnd('\n'));
    }

    [Fact]
    public void Quote_PlainWord_StaysReadable() => Assert.Equal("runs/2026-01-02_a", ShellLine.Quote("runs/2026-01-02_a"));
}
