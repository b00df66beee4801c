using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class ModelEvaluatorTests
{
    [Fact]
    public void Predict_MoreFacesThanABatch_ScoresEachInOrder()
    {
        FaceDataset dataset = Dataset(Enumerable.Range(0, 250).Select(i => Face((_, _) => i % 101)));
        float[] probabilities = new ModelEvaluator(ScoreByFirstPixel).Predict(dataset, null, TestContext.Current.CancellationToken);
        Assert.Equal(250 * 7, probabilities.Length);
        for (int i = 0; i < 250; i++)
        {
            float happy = i % 101 / 100f;
            Assert.Equal([1 - happy, 0, 0, happy, 0, 0, 0], probabilities[(i * 7)..((i + 1) * 7)]);
        }
    }

    [Fact]
    public void Predict_TestTimeAugmentation_AveragesTheTenViews()
    {
        // A face whose pixels are their columns. First pixels: as it is 0, mirrored 47; to the left 2, mirrored 47 (the edge);
        // to the right 0, mirrored 45; up 0, mirrored 47; down 0, mirrored 47. Their mean is 235 / 10 = 23.5.
        FaceDataset dataset = Dataset([Face((x, _) => x), Face((_, _) => 80)]);
        float[] probabilities = new ModelEvaluator(ScoreByFirstPixel) { TestTimeAugmentation = true }.Predict(dataset, null, TestContext.Current.CancellationToken);

        // Ten float additions round by at most 10 * 2^-24.
        float[] expected = [0.765f, 0, 0, 0.235f, 0, 0, 0, 0.2f, 0, 0, 0.8f, 0, 0, 0];
        Assert.Equal(expected.Length, probabilities.Length);
        Assert.All(expected, (value, i) => Assert.Equal(value, probabilities[i], 1e-6f));
    }

    [Fact]
    public void Predict_Progress_EndsWithTheNumberOfFaces()
    {
        var done = new List<int>();
        new ModelEvaluator(ScoreByFirstPixel).Predict(Dataset(Enumerable.Repeat(Face((_, _) => 1), 250)), new Recorder(done), TestContext.Current.CancellationToken);
        Assert.Equal(250, done[^1]);
        Assert.Equal(done.Order().Distinct(), done);
    }

    [Fact]
    public void Predict_Cancelled_Throws() => Assert.Throws<OperationCanceledException>(() =>
        new ModelEvaluator(ScoreByFirstPixel).Predict(Dataset([Face((_, _) => 1)]), null, new CancellationToken(canceled: true)));

    /// <summary>Happy by as many percent as the first pixel says, else angry.</summary>
    private static void ScoreByFirstPixel(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        Assert.Equal(scores.Length * 48 * 48, faces.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            float happy = faces[i * 48 * 48] / 100f;
            scores[i] = new EmotionScores([1 - happy, 0, 0, happy, 0, 0, 0]);
        }
    }

    private static FaceDataset Dataset(IEnumerable<byte[]> faces) =>
        FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (Emotion.Sad, face))]));

    private static byte[] Face(Func<int, int, int> pixel) =>
        [.. Enumerable.Range(0, 48 * 48).Select(i => (byte)pixel(i % 48, i / 48))];

    private sealed class Recorder(List<int> done) : IProgress<int>
    {
        public void Report(int value) => done.Add(value);
    }
}
