using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class OutputFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.mp4", "./a.mp4", null)]
    [InlineData("b.mp4", "out.json", "sub/../out.json")]
    public void CheckDistinct_SameFileTwice_Throws(string input, string first, string? second) =>
        Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct([input], first, second));

    [Fact]
    public void CheckDistinct_LinkToTheInput_Throws()
    {
        string input = folder.Write("clip.mp4", "film");
        Assert.Throws<UsageException>(() => OutputFiles.CheckDistinct([input], Link("out.mp4", input)));
    }

    [Fact]
    public void CheckDistinct_DifferentFilesDevicesAndStandardOutput_Passes() =>
        OutputFiles.CheckDistinct(["a.mp4", "a.mp4"], "b.mp4", OutputFiles.StandardOutput, null, Platform.NullDevice, Platform.NullDevice);

    [Fact]
    public void CheckFree_FileWithContent_AsksForForce()
    {
        string full = folder.Write("full.csv", "1");
        string empty = folder.Write("empty.csv", "");

        Assert.Contains("--force", Assert.Throws<UsageException>(() => OutputFiles.CheckFree(force: false, empty, full)).Message, StringComparison.Ordinal);
        OutputFiles.CheckFree(force: true, full);
        OutputFiles.CheckFree(force: false, empty, null, OutputFiles.StandardOutput, Path.Combine(folder.Root, "new.csv"));
    }

    [Fact]
    public void CheckFree_Link_IsByItsTarget()
    {
        Assert.Throws<UsageException>(() => OutputFiles.CheckFree(force: false, Link("link.csv", folder.Write("full.csv", "1"))));
        OutputFiles.CheckFree(force: false, Link("dangling.csv", "nowhere"));
    }

    [Theory]
    [InlineData("a.html")]
    [InlineData("a.HTM")]
    [InlineData("-")]
    [InlineData(null)]
    public void CheckEnding_OneOfThem_Passes(string? path) => OutputFiles.CheckEnding(path, ".html", ".htm");

    [Fact]
    public void CheckEnding_Device_Passes() => OutputFiles.CheckEnding(Platform.NullDevice, ".html", ".htm");

    [Theory]
    [InlineData("a.pdf")]
    [InlineData("a")]
    public void CheckEnding_Another_NamesThem(string path) => Assert.Equal(
        $"{path}: this result is written as .html or .htm: use that extension.",
        Assert.Throws<UsageException>(() => OutputFiles.CheckEnding(path, ".html", ".htm")).Message);

    [Fact]
    public void CheckWritable_LinkToAFileThatIsNotThereYet_PassesAndLeavesNothing()
    {
        string link = Link("dangling.json", Path.Combine(folder.Root, "later.json"));

        OutputFiles.CheckWritable(makesFolders: false, link, Platform.NullDevice);

        Assert.Equal([link], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void CheckWritable_Folder_SaysSo() => Assert.Equal(
        $"{folder.Root}: is a folder. Name a file in it.",
        Assert.Throws<UsageException>(() => OutputFiles.CheckWritable(makesFolders: true, folder.Root)).Message);

    [Fact]
    public void CheckWritable_NewFile_LeavesNothing()
    {
        string full = folder.Write("full.csv", "1");
        OutputFiles.CheckWritable(makesFolders: false, full, Path.Combine(folder.Root, "new.csv"));
        OutputFiles.CheckWritable(makesFolders: true, Path.Combine(folder.Root, "a", "b", "new.csv"));
        Assert.Equal([full], Directory.GetFileSystemEntries(folder.Root));
        Assert.Equal("1", File.ReadAllText(full));
    }

    [Fact]
    public void CheckWritable_MissingFolderOrAFileInItsPlace_Throws()
    {
        folder.Write("file", "1");
        Assert.Throws<UsageException>(() => OutputFiles.CheckWritable(makesFolders: false, Path.Combine(folder.Root, "a", "new.csv")));
        Assert.Throws<UsageException>(() => OutputFiles.CheckWritable(makesFolders: true, Path.Combine(folder.Root, "file", "new.csv")));
    }

    [Fact]
    public void PathOf_FolderWithAndWithoutASeparatorAtItsEnd_IsOneLock() =>
        Assert.Equal(OutputLocks.PathOf(folder.At("out")), OutputLocks.PathOf(folder.At("out") + Path.DirectorySeparatorChar));

    [Fact]
    public void Locks_OfAnotherRun_KeepOthersOutWhileTheyLast()
    {
        string output = Path.Combine(folder.Root, "out.mp4"), events = Path.Combine(folder.Root, "events.csv");
        using (new OutputLocks(output, null, OutputFiles.StandardOutput, Platform.NullDevice))
        {
            Assert.Equal(
                $"{output}: another run is writing it. Wait until it ends, or name another output.",
                Assert.Throws<UsageException>(() => new OutputLocks(events, output)).Message);
            new OutputLocks(events).Dispose();    // not held by the one that was refused
        }

        new OutputLocks(events, output).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    private string Link(string name, string target) => Platform.Link(folder.At(name), target);
}
