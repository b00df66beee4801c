using MlNetEmotion.CommandLine;
using MlNetEmotion.Detector.Output;
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
    public void CheckDistinct_DifferentFilesAndStandardOutput_Passes() =>
        OutputFiles.CheckDistinct("a.mp4", "b.mp4", EventLog.StandardOutput, null);
}
