using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class VotesTests : IDisposable
{
    // FER+'s own header; its columns are in another order than the classes.
    private const string Header = "file,fer2013_label,ferplus_image,csv_row,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shares_AreOfTheSevenClassesAlone()
    {
        Assert.Equal([0.25f, 0, 0, 0, 0, 0, 0.75f], new Votes([2, 0, 0, 0, 0, 0, 6], [1, 1, 0]).Shares!);
        Assert.Null(new Votes([0, 0, 0, 0, 0, 0, 0], [4, 6, 0]).Shares);
    }

    [Theory]
    [InlineData(new[] { 1, 0, 0, 4, 0, 2, 3 }, new[] { 0, 0, 0 }, nameof(Emotion.Happy))]
    [InlineData(new[] { 0, 0, 0, 4, 0, 0, 4 }, new[] { 2, 0, 0 }, null)] // tied at the top
    [InlineData(new[] { 0, 0, 0, 4, 0, 0, 0 }, new[] { 4, 2, 0 }, null)] // tied with contempt
    [InlineData(new[] { 0, 0, 0, 4, 0, 0, 0 }, new[] { 0, 6, 0 }, null)] // most know nothing to say
    [InlineData(new[] { 0, 0, 0, 0, 0, 0, 0 }, new[] { 0, 0, 0 }, null)]
    public void Majority_IsOfAllChoices(int[] classes, int[] others, string? expected) =>
        Assert.Equal(expected, new Votes(classes, others).Majority()?.ToString());

    [Fact]
    public void Read_FerPlus_FindsEachClassByItsName()
    {
        string path = folder.Write("votes.csv", Header + "a.png,neutral,fer0016979.png,17025,8,1,2,3,4,5,6,7,9,10\n");
        Votes votes = VotesFile.Read([path]).Match([VotesTable.Place("a.png")]).Of("a.png")!;
        Assert.Equal([4, 5, 6, 1, 3, 2, 8], votes.Classes); // angry, disgust, fear, happy, sad, surprise, neutral
        Assert.Equal([7, 9, 10], votes.Others);
    }

    [Theory]
    [InlineData("file,happy\n", "votes.csv:1: expected a column 'file' and one for each class")]
    [InlineData(Header + "a.png,x,x,1,8,1,2\n", "votes.csv:2: expected 14 fields, found 7")]
    [InlineData(Header + "a.png,x,x,1,8,1,2,3,x,5,6,7,9,10\n", "votes.csv:2: 'anger' is 'x'")]
    public void Read_NoFileOfVotes_SaysWhere(string content, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => VotesFile.Read([folder.Write("votes.csv", content)])).Message);

    [Fact]
    public void Read_NameInTwoFilesOrOneFileTwice_IsAnError()
    {
        const string line = "sad/a.png,x,x,1,8,1,2,3,4,5,6,7,9,10\n";
        (string twice, string once) = (folder.Write("twice.csv", Header + line + line), folder.Write("once.csv", Header + line.Replace("sad/", @".\sad\", StringComparison.Ordinal)));
        Assert.Contains("twice.csv: 'sad/a.png' has votes in another file", Assert.Throws<InvalidDataException>(() => VotesFile.Read([once, twice])).Message);
        Assert.Contains("once.csv: named twice", Assert.Throws<UsageException>(() => VotesFile.Read([once, once])).Message);
    }

    [Fact]
    public void Read_NoSuchFile_IsAUsageError() => Assert.Throws<UsageException>(() => VotesFile.Read([Path.Combine(folder.Root, "none.csv")]));

    [Fact]
    public void Load_WithVotesInTwoFiles_FindsThemByFileName()
    {
        FaceDataset faces = Load();
        Assert.Equal([2, 4, null], faces.Votes!.Select(votes => votes?.Classes[(int)Emotion.Angry]));
        Assert.Contains(faces.Warnings, warning => warning.EndsWith($"{folder.At("faces")}: votes for 2 of 3 images; the others are left out of the figures by votes", StringComparison.Ordinal));
        Assert.Equal([4, null], faces.Select([1, 2]).Votes!.Select(votes => votes?.Classes[0]));
        Assert.NotEqual(faces.ContentHash(), FaceDataset.Load(FaceSource.Open(Path.Combine(folder.Root, "faces"))).ContentHash());
    }

    // a is half angry; b's votes are all for contempt in this test's second file, c was not asked about.
    [Fact]
    public void Loader_WithVotes_TeachesSharesOrElseTheLabel()
    {
        FaceBatch batch = new DataLoader(Load("b.pgm,0,0,0,0,0,0,0,9"), new DataLoaderOptions { LabelSmoothing = 0.7 }).Epoch(0).First();
        Assert.Equal([0.5f, 0, 0, 0.5f, 0, 0, 0], batch.VoteTarget(0).ToArray());
        Assert.Equal([0f, 0, 0, 1, 0, 0, 0], batch.VoteTarget(1).ToArray());
        Assert.Equal([0f, 0, 0, 0, 1, 0, 0], batch.VoteTarget(2).ToArray());
        Assert.All(batch.Target(2).ToArray(), (value, i) => Assert.Equal(i == 4 ? 0.4 : 0.1, value, 1e-6));
    }

    [Fact]
    public void Loader_Mixing_BlendsVotesAsLabels()
    {
        var loader = new DataLoader(Load(), new DataLoaderOptions { Augmentation = AugmentationOptions.None with { MixupAlpha = 1 } });
        FaceBatch batch = loader.Epoch(0).First();

        // a keeps so much of its label; its partner c has a label and votes of Sad alone.
        float own = batch.Target(0)[(int)Emotion.Happy];
        Assert.InRange(own, 0.5f, 0.999f);
        Assert.All(batch.VoteTarget(0).ToArray(), (value, i) => Assert.Equal(i switch { 0 or 3 => own / 2, 4 => 1 - own, _ => 0 }, value, 1e-6));
    }

    private FaceDataset Load(string second = "b.pgm,4,0,0,0,0,0,0,0")
    {
        const string Columns = "file,anger,disgust,fear,happy,sad,surprise,neutral,contempt\n";
        folder.WritePgm("faces/happy/a.pgm", TemporaryFolder.Face(1));
        folder.WritePgm("faces/happy/b.pgm", TemporaryFolder.Face(2));
        folder.WritePgm("faces/sad/c.pgm", TemporaryFolder.Face(3));
        string[] files = [folder.Write("one.csv", Columns + "a.pgm,2,0,0,2,0,0,0,6\n"), folder.Write("two.csv", Columns + second + "\n")];
        return FaceDataset.Load(FaceSource.Open(Path.Combine(folder.Root, "faces")), new LoadOptions { Votes = files });
    }
}
