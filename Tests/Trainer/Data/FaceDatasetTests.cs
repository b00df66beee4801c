using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Images;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class FaceDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_ManyImages_KeepsTheViewsOrder()
    {
        for (int i = 0; i < 200; i++)
        {
            folder.WritePgm($"{i % 7}/{i:000}.pgm", TemporaryFolder.Face((byte)i));
        }

        FaceDataView view = FaceSource.Open(folder.Root);
        FaceDataset dataset = FaceDataset.Load(view);

        Assert.Equal(view.Rows().Select(row => row.Source), dataset.Sources);
        for (int i = 0; i < dataset.Count; i++)
        {
            int number = int.Parse(Path.GetFileNameWithoutExtension(dataset.Sources[i]));
            Assert.Equal((Emotion)(number % 7), dataset.Labels[i]);
            Assert.Equal(TemporaryFolder.Face((byte)number), dataset.Face(i));
        }

        Assert.Equal([29, 29, 29, 29, 28, 28, 28], dataset.ClassCounts);
        Assert.Equal(200 * 2304, dataset.Pixels.Length);
    }

    [Fact]
    public void Load_BrokenImages_AreSkippedAndListed()
    {
        byte[] png = File.ReadAllBytes(folder.WriteImage("sad/ok.png", 60, 60, 90, 90, 90));
        byte[] jpg = File.ReadAllBytes(folder.WriteImage("sad/ok.jpg", 60, 60, 90, 90, 90));
        string[] broken =
        [
            folder.Write("sad/corrupt.png", "this is no image"),
            folder.Write("sad/empty.jpg", ""),
            folder.Write("sad/huge.pgm", "P5\n70000 70000\n255\n"),
            folder.Write("sad/truncated.jpg", jpg[..(jpg.Length / 2)]),
            folder.Write("sad/truncated.png", png[..(png.Length / 2)]),
        ];

        FaceDataset dataset = FaceDataset.Load(FaceSource.Open(folder.Root));

        Assert.Equal(["ok.jpg", "ok.png"], dataset.Sources.Select(Path.GetFileName));
        Assert.Equal(broken, dataset.Unreadable.Select(image => image.Source));
        Assert.All(dataset.Unreadable, image => Assert.NotEmpty(image.Reason));
    }

    [Fact]
    public void Load_ImageThatIsNotReadAsItIsStored_IsWarnedOf()
    {
        string deep = folder.Write("sad/deep.pgm", [.. "P5 48 48 65535 "u8, .. Enumerable.Range(0, 48 * 48).SelectMany(i => (byte[])[(byte)(i >> 8), (byte)i])]);

        Assert.Contains($"{deep}: values from 1 to 2302 are stretched to 8 bits", FaceDataset.Load(FaceSource.Open(folder.Root)).Warnings);
    }

    [Theory]
    [InlineData(3, "0 2 4")]    // of 7
    [InlineData(7, "0 1 2 3 4 5 6")]
    [InlineData(9, "0 1 2 3 4 5 6")]
    public void Subsample_FewerThanThereAre_AreEvenlySpaced(int most, string expected)
    {
        for (int i = 0; i < 7; i++)
        {
            folder.WritePgm($"sad/{i}.pgm", TemporaryFolder.Face((byte)i));
        }

        Assert.Equal(expected, string.Join(' ', FaceDataset.Load(FaceSource.Open(folder.Root)).Subsample(most).Sources.Select(Path.GetFileNameWithoutExtension)));
    }

    [Fact]
    public void Load_FileTooLarge_IsSkippedUnread()
    {
        folder.WritePgm("sad/ok.pgm", TemporaryFolder.Face(1));
        using (FileStream sparse = File.Create(Path.Combine(folder.Root, "sad", "large.bmp")))
        {
            sparse.SetLength(ImageFile.MaxFileBytes + (1 << 20));
        }

        FaceDataset dataset = FaceDataset.Load(FaceSource.Open(folder.Root));

        Assert.Equal("513 MiB, files over 512 MiB are not read", Assert.Single(dataset.Unreadable).Reason);
    }

    [Fact]
    public void Load_LinkToNowhere_IsSkippedAndListed()
    {
        folder.WritePgm("sad/ok.pgm", TemporaryFolder.Face(1));
        Platform.Link(folder.At("sad/link.png"), folder.At("nowhere.png"));

        Assert.Single(FaceDataset.Load(FaceSource.Open(folder.Root)).Unreadable);
    }

    [Fact]
    public void Load_StrictAndBroken_NamesTheImage()
    {
        folder.WritePgm("sad/a.pgm", TemporaryFolder.Face(1));
        string broken = folder.Write("sad/b.png", "this is no image");

        var error = Assert.Throws<InvalidDataException>(() =>
            FaceDataset.Load(FaceSource.Open(folder.Root, strict: true)));

        Assert.StartsWith($"{broken}: ", error.Message);
    }

    [Fact]
    public void Load_ClassWithoutImages_Warns()
    {
        folder.CreateFolder("disgust");
        foreach (string name in (string[])["angry", "fear", "happy", "sad", "surprise"])
        {
            folder.WritePgm($"{name}/a.pgm", TemporaryFolder.Face(1));
        }

        FaceDataset dataset = FaceDataset.Load(FaceSource.Open(folder.Root));

        Assert.Equal([$"{folder.Root}: no image of class Disgust", $"{folder.Root}: no image of class Neutral"], dataset.Warnings);
    }

    [Fact]
    public void Load_Cancelled_Stops()
    {
        folder.WritePgm("sad/a.pgm", TemporaryFolder.Face(1));
        var options = new LoadOptions { CancellationToken = new CancellationToken(canceled: true) };

        Assert.Throws<OperationCanceledException>(() => FaceDataset.Load(FaceSource.Open(folder.Root), options));
    }

    [Fact]
    public void Load_SourceThatFailsMidway_Throws()
    {
        string path = folder.Write("a.csv", "emotion,pixels\n");
        FaceDataView view = FaceSource.Open(path);
        File.Delete(path);

        Assert.Throws<FileNotFoundException>(() => FaceDataset.Load(view));
    }

    [Theory]
    [InlineData("Byte", "6, 5, 4, 3, 2, 1, 0")]
    [InlineData("Int", "6, 5, 4, 3, 2, 1, 0")]
    [InlineData("Long", "6, 5, 4, 3, 2, 1, 0")]
    [InlineData("Single", "6, 5, 4, 3, 2, 1, 0")]
    [InlineData("FromOne", "7, 6, 5, 4, 3, 2, 1")]
    [InlineData("Name", "Neutral, Surprise, Sad, Happy, Fear, Disgust, Angry")]
    public void Load_KeysInAnotherOrder_AreRefusedWhateverTheirType(string column, string found)
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(LabelRow.Backwards);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", column).Fit(data).Transform(data);

        Assert.StartsWith(
            $"column 'Label' has the classes {found}, expected Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, by their names or as 0 to 6, in this order; ",
            Assert.Throws<ArgumentException>(() => FaceDataset.Load(keyed)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Byte")]
    [InlineData("Single")]
    [InlineData("Name")]
    public void Load_KeysByMapEmotionToKey_AreTheClasses(string column)
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(LabelRow.Backwards);

        FaceDataset dataset = FaceDataset.Load(ml.Transforms.MapEmotionToKey("Label", column).Fit(data).Transform(data));

        Assert.Equal(Enum.GetValues<Emotion>().Reverse(), dataset.Labels);
    }

    [Fact]
    public void ContentHash_IsSha256OfPixelsAndLabels()
    {
        FaceDataset dataset = MakeDataset(3);

        byte[] content = [.. TemporaryFolder.Face(0), .. TemporaryFolder.Face(1), .. TemporaryFolder.Face(2), 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0];

        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), dataset.ContentHash(), ignoreCase: true);
    }

    [Fact]
    public void HoldOut_Share_IsTakenOutOfEveryClass()
    {
        FaceDataset dataset = MakeDataset(140);    // 20 a class

        (FaceDataset kept, FaceDataset heldOut) = dataset.StratifiedSplit(0.25, seed: 1);

        Assert.All(heldOut.ClassCounts, count => Assert.Equal(5, count));
        Assert.Equal(dataset.Sources.Order(StringComparer.Ordinal), kept.Sources.Concat(heldOut.Sources).Order(StringComparer.Ordinal));
        Assert.Equal(dataset.Sources.Where(kept.Sources.Contains), kept.Sources);
        Assert.All(Enumerable.Range(0, heldOut.Count), i => Assert.Equal(heldOut.Face(i)[1], byte.Parse(heldOut.Sources[i])));
    }

    [Fact]
    public void HoldOut_Seed_DecidesWhichAreTaken()
    {
        FaceDataset dataset = MakeDataset(140);

        IReadOnlyList<string> first = dataset.StratifiedSplit(0.25, seed: 1).HeldOut.Sources;

        Assert.Equal(first, dataset.StratifiedSplit(0.25, seed: 1).HeldOut.Sources);
        Assert.NotEqual(first, dataset.StratifiedSplit(0.25, seed: 2).HeldOut.Sources);
    }

    [Theory]
    [InlineData(1, 0.1, 0)]     // none is left to learn from
    [InlineData(2, 0.1, 1)]
    [InlineData(5, 0.1, 1)]     // 0.5
    [InlineData(14, 0.1, 1)]
    [InlineData(16, 0.1, 2)]
    [InlineData(2, 0.9, 1)]     // 1.8 of 2
    public void HoldOut_FewFaces_TakesOneWhereThereAreTwoAndNeverAll(int faces, double share, int expected)
    {
        FaceDataset dataset = FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, faces).Select(i => (Emotion.Fear, TemporaryFolder.Face((byte)i)))]));

        (FaceDataset kept, FaceDataset heldOut) = dataset.StratifiedSplit(share, seed: 1);

        Assert.Equal((faces - expected, expected), (kept.Count, heldOut.Count));
    }

    /// <summary>Faces 0, 1, 2 … of one gray value each, whose classes take turns.</summary>
    internal static FaceDataset MakeDataset(int count) => FaceDataset.Load(MemoryFaces.View([.. Faces(count)]));

    internal static IEnumerable<(Emotion Label, byte[] Pixels)> Faces(int count) => Enumerable.Range(0, count).Select(i => ((Emotion)(i % 7), TemporaryFolder.Face((byte)i)));

    private sealed class LabelRow
    {
        public static IEnumerable<LabelRow> Backwards => Enumerable.Range(0, 7).Reverse().Select(i => new LabelRow
        {
            Byte = (byte)i, Int = i, Long = i, Single = i, FromOne = i + 1, Name = Emotions.Labels[i],
        });

        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = new float[2304];

        public byte Byte { get; set; }

        public int Int { get; set; }

        public long Long { get; set; }

        public float Single { get; set; }

        public int FromOne { get; set; }

        public string Name { get; set; } = "";
    }
}
