using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class FerCsvTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_Fer2013_HaveLabelSplitPixelsAndLine()
    {
        byte[] face = [.. Enumerable.Range(0, 2304).Select(i => (byte)(i * 3))];
        string path = folder.Write("fer2013.csv", $"emotion,pixels,Usage\n3,{Text(face)},Training\r\n6,{Text(face)},PublicTest\n0,{Text(face)},PrivateTest\n");

        FaceRow[] rows = [.. FerCsv.Open(path).Rows()];

        Assert.Equal([Emotion.Happy, Emotion.Neutral, Emotion.Angry], rows.Select(row => row.Label()));
        Assert.Equal([Split.Train, Split.Validation, Split.Test], rows.Select(row => row.Split));
        Assert.Equal([$"{path}:2", $"{path}:3", $"{path}:4"], rows.Select(row => row.Source));
        Assert.All(rows, row => Assert.Equal(face, row.Pixels()));
    }

    [Fact]
    public void Rows_QuotedFieldsInAnotherOrder_AreRead()
    {
        byte[] face = TemporaryFolder.Face(9);
        string path = folder.Write("icml.csv", $"\"emotion\", \"Usage\", \"pixels\"\n\"4\",\"Training\",\"{Text(face)}\"\n");

        FaceRow row = Assert.Single(FerCsv.Open(path).Rows());

        Assert.Equal(Emotion.Sad, row.Label());
        Assert.Equal(Split.Train, row.Split);
        Assert.Equal(face, row.Pixels());
    }

    [Fact]
    public void Rows_NoUsageColumn_HaveNoSplit()
    {
        string path = folder.Write("a.csv", $"emotion,pixels\n1,{Text(TemporaryFolder.Face(1))}\n\n");

        Assert.Equal(Split.Unspecified, Assert.Single(FerCsv.Open(path).Rows()).Split);
    }

    [Fact]
    public void Load_MalformedRows_AreCountedWithTheirLine()
    {
        string good = Text(TemporaryFolder.Face(1));
        string path = folder.Write("a.csv", string.Join('\n',
            "emotion,pixels,Usage",
            $"joy!,{good},Training",
            $"1,{good},Training",
            $"1,{good[..^2]},Training",
            $"1,{good} 5,Training",
            $"1,{good.Replace("254", "256", StringComparison.Ordinal)},Training",
            $"1,{good},Holdout",
            $"1,{good}",
            "1,,Training",
            $"1,\"{good},Training",
            $"1,{good},Training,more"));

        FaceDataset dataset = FaceDataset.Load(FaceSource.Open(path).OfSplit(Split.Train));

        // A stray quote spoils nothing, and no other line.
        Assert.Equal([$"{path}:3", $"{path}:10"], dataset.Sources);
        Assert.Equal(
            [
                (2, "emotion is 'joy!', which is no class's name"),
                (4, "expected 2304 pixels, found 2303"),
                (5, "expected 2304 pixels, found 2305"),
                (6, "pixel 0 is '256', expected 0 to 255"),
                (7, "usage is 'Holdout', expected Training, PublicTest or PrivateTest"),
                (8, "expected 3 fields, found 2"),
                (9, "pixel 0 is '', expected 0 to 255"),
                (11, "expected 3 fields, found 4"),
            ],
            dataset.Unreadable.Select(image => (int.Parse(image.Source[(path.Length + 1)..]), image.Reason)));
    }

    [Fact]
    public void Rows_NumbersOfAnotherDataSet_AreRefusedUnlessNamed()
    {
        string face = Text(TemporaryFolder.Face(1));
        string path = folder.Write("a.csv", $"emotion,pixels\n1,{face}\n7,{face}\n8,{face}\n");

        Assert.Equal(
            $"{path}:3: emotion is '7', expected FER2013's 0 to 6; if the numbers mean something else, map them with '--classes NAME=CLASS,…'",
            Assert.Throws<InvalidDataException>(() => FaceDataset.Load(FaceSource.Open(path))).Message);
        Assert.Equal([Emotion.Surprise, Emotion.Neutral], FaceDataset.Load(FaceSource.Open(path, ClassNames.Parse("1=surprise,7=neutral,8=none"))).Labels);
    }

    [Fact]
    public void Rows_TakenOneByOne_AreStreamed()
    {
        string good = Text(TemporaryFolder.Face(1));
        string path = folder.Write("a.csv", $"emotion,pixels,Usage\n1,{good},Training\n");
        var view = FerCsv.Open(path);

        // A line that comes after the view was opened: it can only be seen if the file is read while rows are enumerated.
        File.AppendAllText(path, $"2,{good},Training\n");

        Assert.Equal(2, view.Rows().Count());
        Assert.Null(view.GetRowCount());
    }

    [Fact]
    public void Open_OtherHeader_SaysWhatWasExpected()
    {
        string path = folder.Write("a.csv", "name,age\n");

        var error = Assert.Throws<InvalidDataException>(() => FerCsv.Open(path));

        Assert.Equal($"{path}:1: expected the header 'emotion,pixels,Usage', found 'name,age'", error.Message);
    }

    [Fact]
    public void Open_NoSuchFile_Throws() =>
        Assert.Throws<FileNotFoundException>(() => FerCsv.Open(Path.Combine(folder.Root, "nowhere.csv")));

    private static string Text(byte[] face) => string.Join(' ', face);
}
