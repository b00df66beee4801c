using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class InputListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Expand_PatternThatTheShellLeftAsItWas_GivesTheFilesInNaturalOrder()
    {
        foreach (string name in new[] { "b10.jpg", "b2.jpg", "b2.png", "a.jpg" })
        {
            folder.Write(name, "");
        }

        Assert.Equal(["x.mp4", At("b2.jpg"), At("b10.jpg"), At("a.jpg")], Expand("x.mp4", At("b*.jpg"), At("?.jpg")));
    }

    [Fact]
    public void InNaturalOrder_NumbersOfAnyLength_AreByTheirValueAndThenByTheirText() => Assert.Equal(
        ["a01.png", "a1.png", "a2.png", "a9000000000.png", "a10000000000.png", "b.png"],
        new[] { "b.png", "a10000000000.png", "a1.png", "a9000000000.png", "a2.png", "a01.png" }.InNaturalOrder());

    [Theory]
    [InlineData("a.jpg\nb c.jpg\r\n\n")]
    [InlineData("a.jpg\0b c.jpg\0")]
    [InlineData("\uFEFFa.jpg\nb c.jpg")]    // as Windows' Notepad saves it
    public void Expand_ListWithAnyLineEnds_GivesItsInputs(string text) => Assert.Equal(["a.jpg", "b c.jpg"], Expand("@" + folder.Write("list.txt", text)));

    [Fact]
    public void Expand_ListWithoutAName_IsAnErrorOfUsage() =>
        Assert.StartsWith("@: cannot be read (", Assert.Throws<UsageException>(() => Expand("@")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("rtsp://camera/live?channel=*")]    // an address
    [InlineData("0")]
    public void Expand_NoPattern_StaysAsItIs(string input) => Assert.Equal([input], Expand(input));

    [Fact]
    public void Expand_FileOfThatVeryName_IsMeant()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file has such a name there");
        folder.Write("a.jpg", "");

        Assert.Equal([folder.Write("*.jpg", "")], Expand(At("*.jpg")));
    }

    [Theory]
    [InlineData("*.tif", "no file in the folder matches.")]
    [InlineData("missing/*.tif", "cannot be listed (")]
    public void Expand_PatternThatNothingFits_SaysSo(string pattern, string expected) =>
        Assert.StartsWith($"{At(pattern)}: {expected}", Assert.Throws<UsageException>(() => Expand(At(pattern))).Message, StringComparison.Ordinal);

    private static string[] Expand(params string[] inputs) => InputList.Expand(inputs, TestContext.Current.CancellationToken);

    private string At(string name) => folder.At(name);
}
