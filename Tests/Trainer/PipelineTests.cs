using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer;

/// <summary>The lines that stand first in the README.</summary>
public sealed class PipelineTests : IDisposable
{
    private const ulong Seed = 4;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LoadFitEvaluateSave_FoldersOfFaces_GiveOneModel()
    {
        WriteFaces("train", 0, 350);
        WriteFaces("validation", 350, 70);
        string onnx = Path.Combine(folder.Root, "emotion.onnx");

        var ml = new MLContext();
        IDataView faces = ml.Data.LoadFaces(Path.Combine(folder.Root, "train"));
        var trainer = ml.MulticlassClassification.Trainers.EmotionCnn(new()
        {
            // The network that learns most from few faces in few steps.
            Network = "classic",
            Epochs = 6,
            BatchSize = 16,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 1e-3,
            WarmupEpochs = 0,
            EmaDecay = 0,
            Augmentation = AugmentationOptions.None,
        });
        EmotionTransformer model = trainer.Fit(faces);
        IDataView validation = ml.Data.LoadFaces(Path.Combine(folder.Root, "validation"));
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(validation));
        model.SaveAsOnnx(onnx);

        using var classifier = new EmotionClassifier(onnx);
        FaceDataset dataset = FaceDataset.Load(validation);
        float[] probabilities = new ModelEvaluator(classifier.ClassifyBatch).Predict(dataset, cancellationToken: TestContext.Current.CancellationToken);
        EvaluationResult result = EvaluationResult.Compute(probabilities, dataset.Labels);
        Assert.Equal(result.Accuracy, metrics.MicroAccuracy, 1e-12);
        Assert.Equal(result.LogLoss, metrics.LogLoss, 1e-4);    // ML.NET sums in another precision
        float[] scores = [.. model.Transform(validation).GetColumn<float[]>("Score").SelectMany(score => score)];
        Assert.All(probabilities.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.True(result.Accuracy > 0.3, $"{result.Accuracy:p0} of 70 faces, where guessing has 14 % and a standard deviation of 4 %");
        Assert.StartsWith("train (sha256 ", classifier.Metadata.TrainingData);
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameModel()
    {
        var ml = new MLContext();
        byte[] first = Fit();

        Assert.Equal(first, Fit());

        byte[] Fit() =>
            Onnx(ml.MulticlassClassification.Trainers.EmotionCnn(TrainingOptions.For("classic") with { Epochs = 1 })
                .Fit(ml.Data.LoadSampleFaces(128, 35)));
    }

    [Fact]
    public void Fit_ColumnsOfOtherNames_LearnsAndScoresTheSame()
    {
        var ml = new MLContext();
        TrainingOptions options = TrainingOptions.For("classic") with { Epochs = 1 };
        IDataView faces = ml.Data.LoadSampleFaces(128, 35);
        IDataView renamed = ml.Transforms.CopyColumns("Truth", "Label").Append(ml.Transforms.CopyColumns("Crop", "Face"))
            .Append(ml.Transforms.DropColumns("Label", "Face")).Fit(faces).Transform(faces);

        IDataView scored = ml.MulticlassClassification.Trainers.EmotionCnn(options, labelColumnName: "Truth", featureColumnName: "Crop").Fit(renamed).Transform(renamed);

        IDataView usual = ml.MulticlassClassification.Trainers.EmotionCnn(options).Fit(faces).Transform(faces);
        Assert.Equal(usual.GetColumn<float[]>("Score"), scored.GetColumn<float[]>("Score"));
        Assert.Equal(ml.MulticlassClassification.Evaluate(usual).LogLoss, ml.MulticlassClassification.Evaluate(scored, labelColumnName: "Truth").LogLoss);
    }

    [Fact]
    public void Append_Trainer_FitsIntoAChain()
    {
        var ml = new MLContext();
        IDataView faces = ml.Data.LoadSampleFaces(7, 0);

        var chain = ml.MulticlassClassification.Trainers.EmotionCnn(TrainingOptions.For("classic") with { Epochs = 1 })
            .Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(ml.Data.LoadSampleFaces(128, 7));

        Assert.All(chain.Transform(faces).GetColumn<string>("Name"), name => Assert.Contains(name, Emotions.Labels));
    }

    [Fact]
    public void Fit_Cancelled_LeavesARunThatGoesOn()
    {
        var ml = new MLContext();
        IDataView faces = ml.Data.LoadSampleFaces(128, 35);
        using var stop = new CancellationTokenSource();
        var run = new TrainingRunOptions { Folder = Path.Combine(folder.Root, "run"), CancellationToken = stop.Token };
        TrainingOptions options = TrainingOptions.For("classic") with { Epochs = 2 };
        EmotionCnnTrainer Trainer(TrainingRunOptions kept) => ml.MulticlassClassification.Trainers.EmotionCnn(options, kept);

        Assert.Throws<OperationCanceledException>(() => Trainer(run with { EpochDone = (_, _) => stop.Cancel() }).Fit(faces));

        EmotionTransformer resumed = Trainer(run with { CancellationToken = default, Resume = true }).Fit(faces);
        Assert.Equal(Onnx(Trainer(new TrainingRunOptions()).Fit(faces)), Onnx(resumed));
    }

    private byte[] Onnx(EmotionTransformer model)
    {
        string path = Path.Combine(folder.Root, "a.onnx");
        model.SaveAsOnnx(path);
        return File.ReadAllBytes(path);
    }

    private void WriteFaces(string split, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            folder.WritePgm($"{split}/{SampleFaces.LabelOf(i)}/{i:D4}.pgm", SampleFaces.Draw(Seed, i));
        }
    }
}
