using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Archive;

public sealed class MergeTests : IDisposable
{
    private static readonly FaceRow Face = new("a.jpg", 0, 0, new FaceResult(1, new Box(1, 2, 3, 4), new EmotionScores([0, 0, 0, 1, 0, 0, 0])));

    private readonly TemporaryFolder folder = new();
    private readonly List<string> messages = [];

    private string Output => Path.Combine(folder.Root, "merged.parquet");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2, "0, 1")]
    [InlineData(10, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")]
    [InlineData(13, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 3 more")]
    public void Some_ManyNames_JoinsTheFirstTen(int count, string expected) => Assert.Equal(expected, MergePlan.Some([.. Enumerable.Range(0, count).Select(i => $"{i}")]));

    [Theory]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    public void Run_FileWithOtherRowsThanItsInputsSay_IsLeftOutByName(int rows, int faces)
    {
        string whole = Write("whole.parquet", Face with { Source = "b.jpg" }, rows: 2, faces: 2);
        string wrong = Write("wrong.parquet", Face, rows, faces);

        Assert.Equal(0, Run([whole, wrong], TestContext.Current.CancellationToken));
        Assert.StartsWith($"{wrong}: damaged: {rows} rows of a.jpg, expected {faces}.", messages[0], StringComparison.Ordinal);
        using var merged = new FaceTableReader(Output);
        Assert.Equal(["b.jpg", "b.jpg"], merged.Groups().SelectMany(group => group).Select(row => row.Source));
    }

    [Fact]
    public void Inputs_WithAManifest_AreThoseThatItNames()
    {
        string[] files = [Write("a.parquet", Face, rows: 2, faces: 2), Write("b.parquet", Face with { Source = "b.jpg" }, rows: 1, faces: 1), Write("again.parquet", Face, rows: 2, faces: 2)];

        var plan = new MergePlan(files, ["a.jpg", "c.jpg"], messages.Add);

        Assert.Equal(["a.jpg"], plan.Inputs.Select(input => input.Source));
        Assert.Equal(["c.jpg"], plan.Missing);
        Assert.Equal(["1 input in more than one file: each is taken once.", "1 input not in the manifest, left out: b.jpg"], messages);
    }

    [Fact]
    public void Inputs_OfSeveralSettings_AreThoseOfTheMostInputs()
    {
        string[] few = [Write("a.parquet", Face, rows: 1, faces: 1, "{few}"), Write("b.parquet", Face with { Source = "b.jpg" }, rows: 1, faces: 1, "{few}")];
        string many = Write("many.parquet", Face with { Source = "c.jpg" }, rows: 1, faces: 1, "{many}", inputs: 3);

        Assert.Equal(["c.jpg", "c.jpg1", "c.jpg2"], new MergePlan([.. few, many], manifest: null, messages.Add).Inputs.Select(input => input.Source));
        Assert.Equal(few.Select(path => $"{path}: made with other settings or another model ({{few}}) than most ({{many}}): left out. Merge it by itself, or remove it."), messages);
    }

    [Fact]
    public void Inputs_FailedInOneFileAndDoneInAnother_AreThoseThatAreDone()
    {
        string failed = Write("failed.parquet", Face, rows: 0, faces: 0, error: "the disk was away");
        string done = Write("done.parquet", Face, rows: 1, faces: 1);
        string failedAgain = Write("failed-again.parquet", Face, rows: 0, faces: 0, error: "the disk was away");

        var plan = new MergePlan([failed, done, failedAgain], manifest: null, messages.Add);

        Assert.Null(Assert.Single(plan.Inputs).Error);
        Assert.Equal([false, true, false], new[] { failed, done, failedAgain }.Select(file => plan.Takes(file, Face.Source)));
    }

    [Fact]
    public void Failed_ErrorOfSeveralLines_IsOneLine() =>
        Assert.Equal("first second", InputRecord.Failed(new InputRecord("a.jpg", 0, 0, 0), new InvalidDataException("first\nsecond")).Error);

    [Fact]
    public void Run_Stopped_LeavesNoFile()
    {
        string whole = Write("whole.parquet", Face, rows: 2, faces: 2);

        Assert.Throws<OperationCanceledException>(() => Run([whole], new CancellationToken(canceled: true)));
        Assert.Equal([whole], Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories));
    }

    private string Write(string name, FaceRow row, int rows, int faces, string settings = "{}", int inputs = 1, string? error = null)
    {
        string path = Path.Combine(folder.Root, name);
        using Stream file = File.Create(path);
        using var table = new FaceTableWriter(file, settings);
        for (int i = 0; i < rows; i++)
        {
            table.Add(row);
        }

        for (int i = 0; i < inputs; i++)
        {
            table.Done(new InputRecord(i == 0 ? row.Source : $"{row.Source}{i}", 1, faces, 0, error));
        }

        table.Finish();
        return path;
    }

    private int Run(string[] results, CancellationToken stop) =>
        new Merge(new MergeOptions { Results = results, Output = Output }, messages.Add, messages.Add).Run(stop);
}
