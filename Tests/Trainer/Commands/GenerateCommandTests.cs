using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Commands;

public sealed class GenerateCommandTests
{
    [Fact]
    public async Task Generate_SeventyFaces_ReadBackAsTheSampleFaces()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, await CommandRun.ExitCode("generate", "--output", folder.Root, "--count", "70", "--seed", "9"));
        FaceDataset train = FaceSource.Open(folder.Root).LoadSplit(Split.Train);
        FaceDataset validation = FaceSource.Open(folder.Root).LoadSplit(Split.Validation);

        // Rounds of seven: the fifth and the tenth are for validation.
        Assert.Equal([8, 8, 8, 8, 8, 8, 8], train.ClassCounts);
        Assert.Equal([2, 2, 2, 2, 2, 2, 2], validation.ClassCounts);
        Assert.Empty(train.Unreadable);
        int happy = Enumerable.Range(0, validation.Count).First(i => validation.Labels[i] == Emotion.Happy);
        Assert.Equal(SampleFaces.Draw(9, (4 * 7) + (int)Emotion.Happy), validation.Face(happy).ToArray());
    }

    [Fact]
    public async Task Generate_FolderIsNotEmpty_RefusesAndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("notes.txt", "mine");
        Assert.Equal(2, await CommandRun.ExitCode("generate", "--output", folder.Root, "--count", "7"));
        Assert.Single(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Generate_ForceIntoEarlierFaces_ReplacesThemAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train/happy/mine.png", "mine");
        Assert.Equal(0, await CommandRun.ExitCode("generate", "--output", folder.Root, "--count", "70", "--force"));
        Assert.Equal(0, await CommandRun.ExitCode("generate", "--output", folder.Root, "--count", "7", "--force"));
        string[] files = [.. Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Root, file))];
        Assert.Equal(8, files.Length);
        Assert.Contains(Path.Combine("train", "happy", "mine.png"), files);
        Assert.DoesNotContain(files, file => file.StartsWith("validation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Generate_OutputIsAFile_IsWrongUsage()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, await CommandRun.ExitCode("generate", "--output", folder.Write("a.txt", "mine")));
    }

    [Theory]
    [InlineData("--count", "0")]
    [InlineData("--count", "many")]
    [InlineData("--seed", "-1")]
    [InlineData("--colour", "red")]
    public async Task Generate_WrongOption_IsWrongUsage(string option, string value)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, await CommandRun.ExitCode("generate", "--output", Path.Combine(folder.Root, "new"), option, value));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Generate_NoOutput_IsWrongUsage() => Assert.Equal(2, await CommandRun.ExitCode("generate"));
}
