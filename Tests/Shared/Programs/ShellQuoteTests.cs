using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class ShellQuoteTests
{
    [Theory]
    [InlineData("runs/2026-01-02")]
    [InlineData("my runs/it's $HOME; \"all\"")]
    [InlineData("")]
    public async Task Quote_Pasted_IsOneWordAsItWas(string word)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");

        (_, string output, _) = await ProgramProcess.Run("sh", "-c", $"printf '%s|' {ShellQuote.Quote(word)} end");
        Assert.Equal($"{word}|end|", output.TrimEnd('\n'));
    }

    // By the rules of CommandLineToArgvW, and for PowerShell, where @ begins a splatted variable.
    [Theory]
    [InlineData(@"C:\runs\2026-01-02", @"C:\runs\2026-01-02")]
    [InlineData(@"C:\my runs", @"""C:\my runs""")]
    [InlineData(@"C:\my runs\", @"""C:\my runs\\""")]
    [InlineData(@"C:\Program Files (x86)\a;b&c", @"""C:\Program Files (x86)\a;b&c""")]
    [InlineData("@list.txt", "\"@list.txt\"")]
    [InlineData("", "\"\"")]
    public void QuoteForWindows_Word_IsOneWordAsItWas(string word, string expected) => Assert.Equal(expected, ShellQuote.QuoteForWindows(word));

    [Fact]
    public void Quote_PlainWord_StaysReadable() => Assert.Equal("runs/2026-01-02_a", ShellQuote.Quote("runs/2026-01-02_a"));
}
