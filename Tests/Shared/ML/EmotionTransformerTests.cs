using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.ML;

public sealed class EmotionTransformerTests : IDisposable
{
    private const int Count = 21;

    // Two paths through the same runtime with different optimizations: only the order of sums differs.
    private const float Tolerance = 1e-6f;

    private readonly MLContext ml = new(seed: 1);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("MlNetEmotion");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void ScoreEmotion_Faces_AnswersAsTheClassifierDoes()
    {
        IDataView scored = Score(Faces());

        AssertAnswers(scored);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(Emotions.Labels, names.DenseValues().Select(name => $"{name}"));
        scored.Schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal(Emotions.Labels, names.DenseValues().Select(name => $"{name}"));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 7), scored.Schema["Score"].Type);
        Assert.Equal(new KeyDataViewType(typeof(uint), 7), scored.Schema["PredictedLabel"].Type);
        Assert.Equal(
            ["Face", "Label", "PredictedLabel", "Score"], scored.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
    }

    [Fact]
    public void Fit_AnyData_ReadsNone()
    {
        int read = 0;
        IDataView data = ml.Data.LoadFromEnumerable(Rows().Select(row =>
        {
            read++;
            return row;
        }));

        ml.Transforms.ScoreEmotion().Fit(data);

        Assert.Equal(0, read);
    }

    [Fact]
    public void Dispose_OfOneOfTwo_LeavesTheOther()
    {
        IEstimator<EmotionTransformer> scorer = ml.Transforms.ScoreEmotion();
        EmotionTransformer first = scorer.Fit(Faces());
        using EmotionTransformer other = scorer.Fit(Faces());

        first.Dispose();

        AssertAnswers(other.Transform(Faces()));
        Assert.Throws<ObjectDisposedException>(() => first.Transform(Faces()));
    }

    [Fact]
    public void Evaluate_ScoredFaces_CountsWhatTheClassifierHasRight()
    {
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(Score(Faces()));

        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        int right = Enumerable.Range(0, Count).Count(i => (int)classifier.Classify(View(Pixels(i))).Top == i % 7);
        Assert.Equal((double)right / Count, metrics.MicroAccuracy, 1e-12);
    }

    [Fact]
    public void ScoreEmotion_OtherColumnNames_KeepsAnotherModelsColumns()
    {
        byte[] tiny = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "Onnx", "tiny.onnx"));
        IDataView faces = ml.Transforms.CopyColumns("Crop", "Face").Fit(Faces()).Transform(Faces());

        IDataView scored = ml.Transforms.ScoreEmotion().Append(ml.Transforms.ScoreEmotion(tiny, "OtherScore", "OtherLabel", "Crop")).Fit(faces).Transform(faces);

        AssertAnswers(scored);
        Assert.Equal(
            ["Face", "Label", "Crop", "PredictedLabel", "Score", "OtherLabel", "OtherScore"], scored.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
        using var other = new EmotionClassifier(tiny);
        EmotionScores[] expected = [.. Enumerable.Range(0, Count).Select(i => other.Classify(View(Pixels(i))))];
        Assert.Equal(expected.Select(scores => 1 + (uint)scores.Top), scored.GetColumn<uint>("OtherLabel"));
        Assert.All(expected.Zip(scored.GetColumn<float[]>("OtherScore")), pair => Assert.Equal(pair.First[Emotion.Happy], pair.Second[(int)Emotion.Happy], Tolerance));
    }

    // Saved when the mapping to predictions wrote the column PredictedLabel itself.
    [Fact]
    public void Load_PipelineOfAnEarlierVersion_AnswersTheSame()
    {
        string path = Path.Combine(folder.FullName, "earlier.zip");
        using Stream model = EmotionClassifier.OpenDefaultModel();
        string[] labels = [.. Emotions.Labels];
        var earlier = new EstimatorChain<ITransformer>()
            .Append(ml.Transforms.CopyColumns("image", "Face"))
            .Append(ml.Transforms.CustomMapping(new ModelInputFactory().GetMapping(), "MlNetEmotion.ModelInput"))
            .Append(ml.Transforms.ApplyOnnxModel("probabilities", "image", model))
            .Append(ml.Transforms.CustomMapping(new FixedPredictionFactory().GetMapping(), "MlNetEmotion.Answer"))
            .Append(ml.Transforms.Concatenate("Score", labels))
            .Append(ml.Transforms.Conversion.MapValueToKey("PredictedLabel", keyData: ml.Data.LoadFromEnumerable(labels.Select(label => new NamedPrediction { PredictedLabel = label }))))
            .Append(ml.Transforms.DropColumns(["image", "probabilities", .. labels]));
        ml.Model.Save(earlier.Fit(Faces()), Faces().Schema, path);

        IDataView scored = new MLContext().Model.Load(path, out _).Transform(Faces());

        AssertAnswers(scored);
        Assert.Equal(["Face", "Label", "PredictedLabel", "Score"], scored.Schema.Where(column => !column.IsHidden).Select(column => column.Name));
    }

    [Fact]
    public void SaveLoad_Transformer_AnswersTheSame()
    {
        string path = Path.Combine(folder.FullName, "scores.zip");
        ml.Model.Save(ml.Transforms.ScoreEmotion().Fit(Faces()), Faces().Schema, path);

        AssertAnswers(new MLContext().Model.Load(path, out _).Transform(Faces()));
    }

    [Fact]
    public void SaveAsOnnx_Transformer_WritesTheModel()
    {
        string path = Path.Combine(folder.FullName, "emotion.onnx");
        ml.Transforms.ScoreEmotion().Fit(Faces()).SaveAsOnnx(path);

        AssertAnswers(ml.Transforms.ScoreEmotion(modelPath: path).Fit(Faces()).Transform(Faces()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SaveAsOnnx_PipelineLoadedFromAFile_WritesTheModelThatScoresThere(bool isNested)
    {
        byte[] model = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "Onnx", "tiny.onnx"));
        (string zip, string onnx) = (Path.Combine(folder.FullName, "pipeline.zip"), Path.Combine(folder.FullName, "made", "emotion.onnx"));
        ITransformer pipeline = isNested
            ? ml.Transforms.CopyColumns("Copy", "Face").Append(ml.Transforms.ScoreEmotion(model)).Fit(Faces())
            : ml.Transforms.ScoreEmotion(model).Fit(Faces());
        ml.Model.Save(pipeline, Faces().Schema, zip);

        new MLContext().Model.Load(zip, out _).SaveAsOnnx(onnx);

        Assert.Equal(model, File.ReadAllBytes(onnx));
    }

    [Fact]
    public void SaveAsOnnx_NoneOrTwoModels_IsRefused()
    {
        string path = Path.Combine(folder.FullName, "emotion.onnx");
        ITransformer none = ml.Transforms.CopyColumns("Copy", "Face").Fit(Faces());
        ITransformer two = ml.Transforms.ScoreEmotion().Append(ml.Transforms.ScoreEmotion()).Fit(Faces());

        Assert.StartsWith("the pipeline has 0 emotion models, expected one", Assert.Throws<ArgumentException>(() => none.SaveAsOnnx(path)).Message, StringComparison.Ordinal);
        Assert.StartsWith("the pipeline has 2 emotion models, expected one", Assert.Throws<ArgumentException>(() => two.SaveAsOnnx(path)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    // ML.NET's own error does not say that the model is already ONNX.
    [Fact]
    public void ConvertToOnnx_Transformer_NamesSaveAsOnnx()
    {
#pragma warning disable CS0618 // The compiler warning has the same text.
        EmotionTransformer scorer = ml.Transforms.ScoreEmotion().Fit(Faces());
        Assert.Contains("SaveAsOnnx(path)", Assert.Throws<NotSupportedException>(() => ml.Model.ConvertToOnnx(scorer, Faces(), Stream.Null)).Message, StringComparison.Ordinal);
        TransformerChain<EmotionTransformer> chain = ml.Transforms.CopyColumns("Copy", "Face").Append(ml.Transforms.ScoreEmotion()).Fit(Faces());
        Assert.Contains("SaveAsOnnx(path)", Assert.Throws<NotSupportedException>(() => ml.Model.ConvertToOnnx(chain, Faces(), Stream.Null)).Message, StringComparison.Ordinal);
#pragma warning restore CS0618
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pipeline_ImageFileToScores_IsSavedAndLoaded(bool hasBox)
    {
        byte[] pixels = [.. Enumerable.Range(0, 60 * 50 * 4).Select(i => (byte)(i % 4 == 3 ? 255 : i * i / 7))];
        string image = Path.Combine(folder.FullName, "a.png");
        using (MLImage whole = MLImage.CreateFromPixels(60, 50, MLPixelFormat.Rgba32, pixels))
        {
            whole.Save(image);
        }

        var row = new FileRow { ImagePath = image, Box = [10, 5, 40, 30] };
        IDataView data = ml.Data.LoadFromEnumerable([row]);
        ITransformer pipeline = ml.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(ml.Transforms.ExtractFace(boxColumnName: hasBox ? "Box" : null))
            .Append(ml.Transforms.ScoreEmotion())
            .Fit(data);
        string path = Path.Combine(folder.FullName, "pipeline.zip");
        ml.Model.Save(pipeline, data.Schema, path);
        ITransformer loaded = new MLContext().Model.Load(path, out _);

        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        EmotionScores expected = classifier.Classify(
            new ImageView(pixels, 60, 50, PixelFormat.Rgba32), hasBox ? new Box(10, 5, 40, 30) : new Box(0, 0, 60, 50));
        AssertScores(expected, ml.Model.CreatePredictionEngine<FileRow, Prediction>(pipeline).Predict(row));
        AssertScores(expected, ml.Model.CreatePredictionEngine<FileRow, Prediction>(loaded).Predict(row));
    }

    [Fact]
    public void PredictionEngine_ImageInMemory_Answers()
    {
        byte[] pixels = [.. Enumerable.Range(0, 64 * 64 * 4).Select(i => (byte)(i % 4 == 3 ? 255 : i / 5))];
        ITransformer pipeline = ml.Transforms.ExtractFace(inputColumnName: "Photo").Append(ml.Transforms.ScoreEmotion())
            .Fit(ml.Data.LoadFromEnumerable<MemoryRow>([]));
        using PredictionEngine<MemoryRow, Prediction> engine = ml.Model.CreatePredictionEngine<MemoryRow, Prediction>(pipeline);
        using MLImage image = MLImage.CreateFromPixels(64, 64, MLPixelFormat.Bgra32, pixels);

        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        AssertScores(classifier.Classify(new ImageView(pixels, 64, 64, PixelFormat.Bgra32)), engine.Predict(new MemoryRow { Photo = image }));
    }

    [Fact]
    public void ScoreEmotion_NothingToSee_IsUncertainWithoutALabel()
    {
        IDataView scored = Score(ml.Data.LoadFromEnumerable([new FaceInput { Face = [.. Enumerable.Repeat(128f, 2304)], Label = 3 }]));

        Assert.Equal(Enumerable.Repeat(1 / 7f, 7), Assert.Single(scored.GetColumn<float[]>("Score")));
        Assert.Equal(0u, Assert.Single(ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false)).PredictedLabel);
        IDataView named = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        Assert.Equal("", Assert.Single(ml.Data.CreateEnumerable<NamedPrediction>(named, reuseRowObject: false)).PredictedLabel);
        Assert.Equal(0, ml.MulticlassClassification.Evaluate(scored).MicroAccuracy);
    }

    [Fact]
    public void ScoreEmotion_AnswerOfNoNumbers_IsRefused()
    {
        IDataView scored = Score(ml.Data.LoadFromEnumerable([new FaceInput { Face = [.. Enumerable.Repeat(float.NaN, 2304)] }]));

        Exception error = Assert.ThrowsAny<Exception>(() => scored.GetColumn<float[]>("Score").ToList());
        Assert.Contains("the model's output 'probabilities' is no softmax", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 / 255f, 0, "0 to 1")]
    [InlineData(2 / 255f, -1, "-1 to 1")]
    [InlineData(1, -1, "-1 to 254")]
    [InlineData(1, 1, "1 to 256")]
    [InlineData(257, 0, "0 to 65535")]
    public void ScoreEmotion_ScaledFaces_AreRefused(float scale, float shift, string range)
    {
        float[] face = [.. Enumerable.Range(0, 2304).Select(i => (float)Math.Round((i % 256 * scale) + shift, 5))];
        string path = Path.Combine(folder.FullName, "pipeline.zip");
        IDataView data = ml.Data.LoadFromEnumerable([new FaceInput { Face = face }]);
        ml.Model.Save(ml.Transforms.ScoreEmotion().Fit(data), data.Schema, path);
        string expected = $"a face's values range from {range}, expected gray values from 0 to 255, neither scaled nor normalized";

        foreach (IDataView scored in (IDataView[])[Score(data), new MLContext().Model.Load(path, out _).Transform(data)])
        {
            Exception error = Assert.ThrowsAny<Exception>(() => scored.GetColumn<float[]>("Score").ToList());
            Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void ScoreEmotion_OneGrayOfTheRange_IsNotTakenForScaled(float gray) => Assert.Equal(
        Enumerable.Repeat(1 / 7f, 7), Assert.Single(Score(ml.Data.LoadFromEnumerable([new FaceInput { Face = [.. Enumerable.Repeat(gray, 2304)] }])).GetColumn<float[]>("Score")));

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.PositiveInfinity)]
    public void ExtractFace_BoxOfNoNumbers_IsRefused(float x, float width)
    {
        using MLImage image = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Bgra32, new byte[256]);
        IDataView data = ml.Data.LoadFromEnumerable([new BoxedRow { Photo = image, Box = [x, 0, width, 5] }]);
        IDataView cut = ml.Transforms.ExtractFace(inputColumnName: "Photo", boxColumnName: "Box").Fit(data).Transform(data);

        Assert.Contains(
            "expected four numbers: x, y, width and height", Assert.ThrowsAny<Exception>(() => cut.GetColumn<float[]>("Face").ToList()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreEmotion_OtherModel_IsRefused()
    {
        string path = Path.Combine(folder.FullName, "no.onnx");
        File.WriteAllText(path, "no model");

        Assert.Throws<ModelException>(() => ml.Transforms.ScoreEmotion(modelPath: path));
        Assert.Throws<FileNotFoundException>(() => ml.Transforms.ScoreEmotion(modelPath: path + "x"));
    }

    private static void AssertAnswers(IDataView scored)
    {
        using EmotionClassifier classifier = EmotionClassifier.LoadDefault();
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        uint[] labels = [.. scored.GetColumn<uint>("PredictedLabel")];
        Assert.Equal(Count, scores.Length);
        for (int i = 0; i < Count; i++)
        {
            AssertScores(classifier.Classify(View(Pixels(i))), new Prediction { Score = scores[i], PredictedLabel = labels[i] });
        }
    }

    private static void AssertScores(EmotionScores expected, Prediction found)
    {
        Assert.All(Enum.GetValues<Emotion>(), emotion => Assert.Equal(expected[emotion], found.Score[(int)emotion], Tolerance));
        Assert.Equal(1 + (uint)expected.Top, found.PredictedLabel);
    }

    private static byte[] Pixels(int i) => SampleFaces.Draw(seed: 5, i);

    private static ImageView View(byte[] face) => new(face, 48, 48, PixelFormat.Gray8);

    private static IEnumerable<FaceInput> Rows() => Enumerable.Range(0, Count)
        .Select(i => new FaceInput { Face = [.. Pixels(i).Select(pixel => (float)pixel)], Label = (uint)i % 7 });    // ML.NET counts an object's keys from 0

    private IDataView Faces() => ml.Data.LoadFromEnumerable(Rows());

    private IDataView Score(IDataView faces) => ml.Transforms.ScoreEmotion().Fit(faces).Transform(faces);

    private sealed class FaceInput
    {
        [VectorType(1, 48, 48)]
        public float[] Face { get; set; } = [];

        [KeyType(7)]
        public uint Label { get; set; }
    }

    private sealed class FileRow
    {
        public string ImagePath { get; set; } = "";

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class MemoryRow
    {
        [ImageType(64, 64)]
        public MLImage? Photo { get; set; }
    }

    private sealed class BoxedRow
    {
        [ImageType(8, 8)]
        public MLImage? Photo { get; set; }

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class NamedPrediction
    {
        public string PredictedLabel { get; set; } = "-";
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }
}
