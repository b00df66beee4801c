using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML;

/// <summary>Keys of a developer's label column at scoring.</summary>
public sealed class LabelKeysTests : IDisposable
{
    private const ValueToKeyMappingEstimator.KeyOrdinality ByValue = ValueToKeyMappingEstimator.KeyOrdinality.ByValue;

    // The classes in reverse, so that keys by occurrence differ from the model's.
    private static readonly Row[] Rows = [.. Enumerable.Range(0, 21).Reverse().Select(i => Row.Of(i))];

    private readonly MLContext ml = new(seed: 1);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("MlNetEmotion");

    public void Dispose() => folder.Delete(recursive: true);

    // A small model: only the columns matter here.
    private IEstimator<EmotionTransformer> ScoreEmotion() => ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny"));

    [Theory]
    [InlineData("Name", false)]
    [InlineData("Name", true)]       // angry, disgust, fear, happy, neutral, sad, surprise
    [InlineData("Number", false)]
    [InlineData("Single", false)]
    [InlineData("Small", false)]
    [InlineData("Large", false)]
    [InlineData("Double", false)]
    public void ScoreEmotion_LabelInAnotherOrder_IsRefused(string column, bool byValue)
    {
        IDataView data = Data(Rows);
        IDataView keyed = (byValue ? ml.Transforms.Conversion.MapValueToKey("Label", column, keyOrdinality: ByValue) : ml.Transforms.Conversion.MapValueToKey("Label", column))
            .Fit(data).Transform(data);
        EmotionTransformer fitted = ScoreEmotion().Fit(data);

        string expected = byValue ? "angry, disgust, fear, happy, neutral, sad, surprise" : column == "Name" ? "neutral, surprise, sad, happy, fear, disgust, angry" : "6, 5, 4, 3, 2, 1, 0";
        string start = $"column 'Label' has the classes {expected}, expected Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, by their names or as 0 to 6, in this order; ";
        Assert.StartsWith(start, Assert.Throws<ArgumentException>(() => ScoreEmotion().Fit(keyed)).Message, StringComparison.Ordinal);
        Assert.StartsWith(start, Assert.Throws<ArgumentException>(() => fitted.Transform(keyed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreEmotion_KeyOfEmotionsUnderAnotherName_IsRefused()
    {
        IDataView data = Data(Rows);

        Assert.StartsWith("column 'Truth' has the classes neutral, ", Assert.Throws<ArgumentException>(
            () => ml.Transforms.Conversion.MapValueToKey("Truth", "Name").Append(ScoreEmotion()).Fit(data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreEmotion_KeysThatAreNoLabels_AreNoneOfItsBusiness()
    {
        IDataView data = Data(Rows);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Rating", "Number").Append(ml.Transforms.Conversion.MapValueToKey("PredictedLabel", "Name"))
            .Fit(data).Transform(data);

        Assert.Equal(21, ScoreEmotion().Fit(keyed).Transform(keyed).GetColumn<float[]>("Score").Count());
    }

    [Theory]
    [InlineData("Number")]
    [InlineData("Name")]
    public void ScoreEmotion_LabelOfTheFirstClassesInOrder_IsTaken(string column)
    {
        IDataView data = Data([Row.Of(0), Row.Of(1), Row.Of(2), Row.Of(7)]);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", column).Fit(data).Transform(data);

        Assert.Equal(4, ScoreEmotion().Fit(keyed).Transform(keyed).GetColumn<float[]>("Score").Count());
    }

    [Theory]
    [InlineData("Name")]
    [InlineData("Number")]
    [InlineData("Single")]
    [InlineData("Small")]
    [InlineData("Large")]
    [InlineData("Double")]
    public void MapEmotionToKey_RowsInAnyOrder_EvaluateAsCountedByHand(string column)
    {
        IDataView data = Data(Rows);
        ITransformer pipeline = ml.Transforms.MapEmotionToKey("Label", column).Append(ScoreEmotion()).Fit(data);
        string path = Path.Combine(folder.FullName, "pipeline.zip");
        ml.Model.Save(pipeline, data.Schema, path);

        IDataView scored = new MLContext().Model.Load(path, out _).Transform(data);

        Assert.Equal(Enumerable.Range(0, 21).Reverse().Select(i => 1 + ((uint)i % 7)), scored.GetColumn<uint>("Label"));
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Label"].GetKeyValues(ref names);
        Assert.Equal(Emotions.Labels, names.DenseValues().Select(name => $"{name}"));
        int right = scored.GetColumn<uint>("PredictedLabel").Zip(Enumerable.Range(0, 21).Reverse()).Count(pair => pair.First == 1 + (pair.Second % 7));
        Assert.Equal(right / 21.0, ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, 1e-12);
    }

    [Fact]
    public void MapEmotionToKey_AnotherName_IsRefusedWithIt()
    {
        IDataView data = Data([new Row { Name = "contempt" }]);
        IDataView keyed = ml.Transforms.MapEmotionToKey("Label", "Name").Fit(data).Transform(data);

        Assert.Contains(
            "'contempt' is not an emotion; expected Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, a usual synonym, or 0 to 6",
            Assert.ThrowsAny<Exception>(() => keyed.GetColumn<uint>("Label").ToList()).ToString(), StringComparison.Ordinal);
    }

    private IDataView Data(Row[] rows) => ml.Data.LoadFromEnumerable(rows);

    private sealed class Row
    {
        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = new float[2304];

        public string Name { get; set; } = "";

        public int Number { get; set; }

        public float Single { get; set; }

        public byte Small { get; set; }

        public ulong Large { get; set; }

        public double Double { get; set; }

        public static Row Of(int i)
        {
            int label = i % 7;
            return new Row
            {
                Face = [.. SampleFaces.Draw(seed: 5, i).Select(pixel => (float)pixel)],
                Name = Emotions.Labels[label].ToLowerInvariant(),
                Number = label,
                Single = label,
                Small = (byte)label,
                Large = (ulong)label,
                Double = label,
            };
        }
    }
}
