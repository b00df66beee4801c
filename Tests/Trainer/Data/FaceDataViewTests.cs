using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Data;

public sealed class FaceDataViewTests
{
    private readonly MLContext ml = new();

    [Fact]
    public void Schema_Faces_HasMlNetsTypes()
    {
        DataViewSchema schema = ThreeFaces(() => { }).Schema;

        Assert.Equal(["Face", "Label", "Split", "Source"], schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1, 48, 48), schema["Face"].Type);
        Assert.Equal(new KeyDataViewType(typeof(uint), 7), schema["Label"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Label"].GetKeyValues(ref names);
        Assert.Equal(Emotions.Labels, names.DenseValues().Select(name => $"{name}"));
    }

    [Fact]
    public void Cursor_LabelsOfSomeRows_DecodesNothing()
    {
        int decoded = 0;
        IDataView view = ml.Data.SkipRows(ThreeFaces(() => Interlocked.Increment(ref decoded)), 1);

        Assert.Equal([5u, 7u], view.GetColumn<uint>("Label"));    // keys count from 1
        Assert.Equal(["1", "2"], view.GetColumn<string>("Source"));
        Assert.Equal(0, decoded);
    }

    [Fact]
    public void Cursor_Faces_AreThePixels()
    {
        float[][] faces = [.. ThreeFaces(() => { }).GetColumn<float[]>("Face")];

        Assert.Equal([1, 2, 3], faces.Select(face => face[1]));
        Assert.Equal(2304, faces[0].Length);
    }

    [Fact]
    public void Cursor_UnreadableFace_ThrowsAndNamesIt()
    {
        FaceDataView view = Broken();

        Assert.Equal([1u, 2u], view.GetColumn<uint>("Label"));
        Assert.Equal("b: no image", Assert.Throws<InvalidDataException>(() => view.GetColumn<float[]>("Face").Count()).Message);
    }

    [Fact]
    public void Skipping_UnreadableFace_IsToldAndLeftOut()
    {
        var skipped = new List<UnreadableImage>();
        FaceDataView view = Broken() with { Skip = skipped.Add };

        Assert.Equal(["a"], ml.Data.CreateEnumerable<Row>(view, reuseRowObject: false).Select(row => row.Source));
        Assert.Equal(new UnreadableImage("b", "no image") { Split = Split.Test }, Assert.Single(skipped));
        Assert.Null(view.GetRowCount());
    }

    [Fact]
    public void Load_ShuffledView_KeepsItsOrder()
    {
        IDataView shuffled = ml.Data.ShuffleRows(MemoryFaces.View([.. FaceDatasetTests.Faces(50)]), seed: 3);

        FaceDataset dataset = FaceDataset.Load(shuffled);

        Assert.Equal(shuffled.GetColumn<string>("Source"), dataset.Sources);
        Assert.NotEqual(dataset.Sources.OrderBy(int.Parse), dataset.Sources);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(byte.Parse(dataset.Sources[i]), dataset.Face(i)[1]));
    }

    [Fact]
    public void Load_LabelsInAnotherOrder_SaysWhatWasExpected()
    {
        var rows = new[] { new TextRow("Sad"), new TextRow("Happy") };
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        view = ml.Transforms.Conversion.MapValueToKey("Label", "Text").Fit(view).Transform(view);

        var error = Assert.Throws<ArgumentException>(() => FaceDataset.Load(view));

        Assert.StartsWith("column 'Label' has the classes Sad, Happy, expected Angry, Disgust", error.Message);
    }

    private static FaceDataView Broken() => new("memory", [], () =>
    [
        new FaceRow("a", Split.Train, () => Emotion.Angry, () => new byte[2304]),
        new FaceRow("b", Split.Test, () => Emotion.Disgust, () => throw new InvalidDataException("no image")),
    ]);

    private static FaceDataView ThreeFaces(Action decoding) => MemoryFaces.View(
        decoding, (Emotion.Happy, TemporaryFolder.Face(1)), (Emotion.Sad, TemporaryFolder.Face(2)), (Emotion.Neutral, TemporaryFolder.Face(3)));

    private sealed class Row
    {
        [VectorType(2304)]
        public float[] Face { get; set; } = [];

        public string Source { get; set; } = "";
    }

    private sealed record TextRow(string Text)
    {
        [VectorType(2304)]
        public float[] Face { get; } = new float[2304];
    }
}
