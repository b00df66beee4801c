using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Output;

public sealed class OutputFilesTests
{
    [Theory]
    [InlineData("a.mp4", "./a.mp4", null)]
    [InlineData("b.mp4", "out.json", "sub/../out.json")]
    public void CheckDistinct_SameFileTwice_Throws(string input, string first, string? second) =>
        Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct(input, first, second));

    [Fact]
    public void CheckFree_FileWithContent_AsksForForce()
    {
        using var folder = new TemporaryFolder();
        string full = folder.Write("full.csv", "1");
        string empty = folder.Write("empty.csv", "");

        Assert.Contains("--force", Assert.Throws<UsageException>(() => OutputFiles.CheckFree(force: false, empty, full)).Message, StringComparison.Ordinal);
        OutputFiles.CheckFree(force: true, full);
        OutputFiles.CheckFree(force: false, empty, null, EventLog.StandardOutput, Path.Combine(folder.Root, "new.csv"));
    }

    [Fact]
    public void CheckDistinct_DifferentFilesAndStandardOutput_Passes() =>
        OutputFiles.CheckDistinct("a.mp4", "b.mp4", EventLog.StandardOutput, null);
}
