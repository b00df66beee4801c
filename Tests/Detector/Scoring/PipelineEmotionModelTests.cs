using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Scoring;

public sealed class PipelineEmotionModelTests : IDisposable
{
    // Two paths through the same runtime: only the order of sums differs.
    private const float Tolerance = 1e-6f;

    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Score_PipelineOfFaces_AnswersAsTheOnnxFileDoes() =>
        AssertSameAnswers(Save(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny")).Fit(Faces()), Faces().Schema));

    [Fact]
    public void Score_PipelineFromImageFiles_AnswersAsTheOnnxFileDoes()
    {
        IDataView files = ml.Data.LoadFromEnumerable<FileRow>([]);
        AssertSameAnswers(Save(
            ml.Transforms.LoadImages("Image", "", "ImagePath").Append(ml.Transforms.ExtractFace())
                .Append(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny"))).Fit(files),
            files.Schema));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Score_PipelineFromUprightFiles_AnswersAsTheOnnxFileDoes(bool hasImages)
    {
        IDataView files = ml.Data.LoadFromEnumerable<FileRow>([]);
        IEstimator<ITransformer> loader = hasImages ? ml.Transforms.LoadUprightImages().Append(ml.Transforms.ExtractFace()) : ml.Transforms.LoadFace();
        AssertSameAnswers(Save(loader.Append(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny"))).Fit(files), files.Schema));
    }

    [Fact]
    public void Score_PipelineOfImages_AnswersAsTheOnnxFileDoes() =>
        AssertSameAnswers(Save(
            ml.Transforms.ExtractFace("Crop").Append(ml.Transforms.ScoreEmotion(inputColumnName: "Crop", modelPath: Fixture.Model("tiny"))).Fit(ml.Data.LoadFromEnumerable<ImageRow>([])),
            ml.Data.LoadFromEnumerable<ImageRow>([]).Schema));

    [Fact]
    public async Task Score_OnManyThreads_AnswersTheSame()
    {
        using IEmotionModel model = EmotionModels.Load(Save(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny")).Fit(Faces()), Faces().Schema), threads: 1);
        byte[] faces = Samples();
        EmotionScores[] expected = Score(model, faces);

        EmotionScores[][] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Score(model, faces))));
        Assert.All(answers, answer => Assert.Equal(expected, answer));
    }

    [Fact]
    public void Load_OtherPipeline_SaysWhatIsExpected()
    {
        string path = Save(ml.Transforms.CopyColumns("Copy", "Face").Fit(Faces()), Faces().Schema);

        Assert.Contains("expected an input column 'Face'", Assert.Throws<ModelException>(() => EmotionModels.Load(path, threads: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_NoSoftmax_SaysSoEachTime()
    {
        // Seven cosines of a face's random projections instead of probabilities.
        var projected = ml.Transforms.ApproximatedKernelMap("Score", "Face", rank: 7, useCosAndSinBases: false);
        IDataView random = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 9).Select(i => new FaceRow { Face = [.. SampleFaces.Draw(seed: 5, i).Select(pixel => (float)pixel)] }));
        string path = Save(projected.Fit(random), random.Schema);
        using IEmotionModel model = EmotionModels.Load(path, threads: 1);

        for (int i = 0; i < 3; i++)
        {
            Assert.StartsWith($"{path}: its column 'Score' is no softmax: ", Assert.Throws<ModelException>(() => Score(model, Samples())).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_NoZip_SaysWhatToDo()
    {
        string path = folder.Write("notes.zip", "shopping: milk");

        Assert.StartsWith($"{path}: not an ML.NET pipeline", Assert.Throws<ModelException>(() => EmotionModels.Load(path, threads: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detector_Pipeline_FindsWhatTheOnnxFileFinds()
    {
        string pipeline = Save(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny")).Fit(Faces()), Faces().Schema);

        string[] expected = await Events(Fixture.Model("tiny"));
        string[] found = await Events(pipeline);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, found);

        // The prediction and the box; probabilities may differ in their last digit.
        async Task<string[]> Events(string model)
        {
            (int exitCode, string output, string error) = await DetectorProcess.Run("--demo", "--headless", "--max-frames", "10", "--model", model, "--events", "-");
            Assert.Equal(0, exitCode);
            Assert.StartsWith("demo: 10 frames", error, StringComparison.Ordinal);
            return [.. output.Split('\n').Select(line => line.Split(",\"confidence\"")[0])];
        }
    }

    // Before MlNetEmotion.ML existed, the transforms were in MlNetEmotion.
    [Fact]
    public void Load_WrittenWhenTheTransformsHadAnotherAssembly_AnswersTheSame()
    {
        string path = Save(ml.Transforms.ScoreEmotion(modelPath: Fixture.Model("tiny")).Fit(Faces()), Faces().Schema);
        int renamed = 0;
        using (ZipArchive file = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            foreach (ZipArchiveEntry entry in file.Entries.Where(entry => entry.Name == "Model.key"))
            {
                using Stream stream = entry.Open();
                byte[] bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                int place = bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes("MlNetEmotion.ML, Version="));
                if (place >= 0)
                {
                    Encoding.Unicode.GetBytes("MlNetEmotion,    Version=").CopyTo(bytes.AsSpan(place));    // the same length
                    (stream.Position, renamed) = (0, renamed + 1);
                    stream.Write(bytes);
                }
            }
        }

        Assert.Equal(2, renamed);
        AssertSameAnswers(path);
    }

    private static byte[] Samples() => [.. Enumerable.Range(0, 9).SelectMany(i => SampleFaces.Draw(seed: 5, i)), .. new byte[FacePreprocessor.PixelCount]];    // the last one is blank

    private static EmotionScores[] Score(IEmotionModel model, byte[] faces)
    {
        var scores = new EmotionScores[faces.Length / FacePreprocessor.PixelCount];
        model.Score(faces, scores);
        return scores;
    }

    private static void AssertSameAnswers(string pipeline)
    {
        using IEmotionModel onnx = EmotionModels.Load(Fixture.Model("tiny"), threads: 1);
        using IEmotionModel saved = EmotionModels.Load(pipeline, threads: 1);
        Assert.IsType<PipelineEmotionModel>(saved);
        Assert.All(Score(onnx, Samples()).Zip(Score(saved, Samples())), pair =>
        {
            for (int i = 0; i < Emotions.Count; i++)
            {
                Assert.Equal(pair.First[(Emotion)i], pair.Second[(Emotion)i], Tolerance);
            }
        });
    }

    private IDataView Faces() => ml.Data.LoadFromEnumerable<FaceRow>([]);

    private string Save(ITransformer pipeline, DataViewSchema schema)
    {
        string path = Path.Combine(folder.Root, "pipeline.zip");
        ml.Model.Save(pipeline, schema, path);
        return path;
    }

    private sealed class FaceRow
    {
        [VectorType(1, FacePreprocessor.Size, FacePreprocessor.Size)]
        public float[] Face { get; set; } = [];
    }

    private sealed class ImageRow
    {
        // A schema of images alone can't be saved.
        public float Weight { get; set; }

        [AnyImage]
        public MLImage? Image { get; set; }
    }

    private sealed class FileRow
    {
        public string ImagePath { get; set; } = "";
    }
}
