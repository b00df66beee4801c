using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

public sealed class ArchivePlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PartsOf_Videos_GoByTheFirstEightBytesOfTheirNamesSha256()
    {
        IReadOnlyList<ArchiveInput> inputs = Inputs("a.mp4", "b.mp4", "sub/c.mp4", "d.mp4");

        // By Python: int.from_bytes(hashlib.sha256(name).digest()[:8], 'big') % 4, and % 3.
        Assert.Equal(["0: a.mp4 b.mp4", "1: ", "2: d.mp4 sub/c.mp4", "3: "], Shards(inputs, 4));
        Assert.Equal(["0: b.mp4", "1: a.mp4", "2: d.mp4 sub/c.mp4"], Shards(inputs, 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PartsOf_AnyNumberOfShards_AreTheSamePartsOnceEach(bool bySize)
    {
        IReadOnlyList<ArchiveInput> inputs = Inputs([.. Enumerable.Range(0, 3000).Select(i => $"{i}.jpg"), .. Enumerable.Range(0, 40).Select(i => $"{i}.mp4")]);
        string[] whole = [.. ArchivePlan.PartsOf(new Shard(0, 1), inputs, "", bySize).Select(part => part.FileName)];

        string[] eight = [.. Enumerable.Range(0, 8).SelectMany(i => ArchivePlan.PartsOf(new Shard(i, 8), inputs.Reverse().ToArray(), "", bySize)).Select(part => part.FileName)];

        Assert.Equal(32 + 40, whole.Length);    // 3000 images by 100, to a power of two
        Assert.Equal(whole, eight.Order(StringComparer.Ordinal));
        Assert.Empty(whole.Intersect(ArchivePlan.PartsOf(new Shard(0, 1), inputs, "another model", bySize).Select(part => part.FileName)));
    }

    [Fact]
    public void PartsOf_BySize_EvensOutTheBytes()
    {
        int[] megabytes = [9, 7, 5, 4, 3, 2];
        foreach (int size in megabytes)
        {
            folder.Write($"{size}.mp4", new byte[size << 10]);
        }

        IReadOnlyList<ArchiveInput> inputs = ArchivePlan.Inputs([folder.Root], areCropped: false, Assert.Fail);

        // By hand: 9, 7 and 5; then 4 to the 5, 3 to the 7, and 2 to the first of the two that have 9.
        Assert.Equal(
            [11, 10, 9],
            Enumerable.Range(0, 3).Select(i => ArchivePlan.PartsOf(new Shard(i, 3), inputs, "", bySize: true).Sum(part => int.Parse(Path.GetFileNameWithoutExtension(part.Inputs[0].Name)))).OrderDescending());
    }

    [Fact]
    public void Inputs_OfAFolderOrAList_AreCalledAlikeEverywhere()
    {
        folder.Write("in/sub/a.jpg", "");
        folder.Write("in/b.mp4", "");
        folder.Write("in/notes.txt", "");
        var told = new List<string>();

        Assert.Equal(["b.mp4", "sub/a.jpg"], ArchivePlan.Inputs([Path.Combine(folder.Root, "in")], areCropped: false, Assert.Fail).Select(input => input.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            [new ArchiveInput("x/a.jpg", "x/a.jpg", true), new ArchiveInput("https://***@host/b.mp4", "https://me:secret@host/b.mp4", false)],
            ArchivePlan.Inputs(["x/a.jpg", "https://me:secret@host/b.mp4", "x/a.jpg"], areCropped: false, told.Add));
        Assert.Equal(["x/a.jpg: duplicate input, processed once"], told);
    }

    [Theory]
    [InlineData("9f86d0", true, true)]
    [InlineData("9f86d0", false, false)]
    [InlineData("a.dat", true, false)]
    [InlineData("a.mp4", true, false)]
    [InlineData("https://host/9f86d0", true, false)]
    [InlineData("a.jpg", false, true)]
    public void Inputs_WithoutAnExtension_AreAImageIfCropped(string name, bool areCropped, bool isStill) =>
        Assert.Equal([new ArchiveInput(name, name, isStill)], ArchivePlan.Inputs([name], areCropped, Assert.Fail));

    private static IReadOnlyList<ArchiveInput> Inputs(params string[] names) => ArchivePlan.Inputs(names, areCropped: false, Assert.Fail);

    private static IEnumerable<string> Shards(IReadOnlyList<ArchiveInput> inputs, int count) => Enumerable.Range(0, count).Select(i =>
        $"{i}: {string.Join(' ', ArchivePlan.PartsOf(new Shard(i, count), inputs, "", bySize: false).SelectMany(part => part.Inputs).Select(input => input.Name).Order(StringComparer.Ordinal))}");
}
