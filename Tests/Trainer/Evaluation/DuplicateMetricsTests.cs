using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class DuplicateMetricsTests
{
    private static readonly byte[] Stripes = Image((x, _) => x / 8 % 2 * 200);
    private static readonly byte[] Bars = Image((_, y) => y / 8 % 2 * 200);
    private static readonly byte[] Checks = Image((x, y) => ((x / 8) + (y / 8)) % 2 * 200);
    private static readonly byte[] Disc = Image((x, y) => ((x - 24) * (x - 24)) + ((y - 24) * (y - 24)) < 100 ? 200 : 0);

    [Fact]
    public void Measure_AnIdenticalAndADarkerOne_CountsThemApart()
    {
        // Of five faces one is identical to a training face and one a darker version of another. Right: those two and the last.
        FaceDataset evaluated = Load(Stripes, [.. Bars.Select(pixel => (byte)(pixel / 2))], Checks, Disc, Image((x, _) => 5 * x));
        float[] answers = [.. new[] { Emotion.Sad, Emotion.Sad, Emotion.Happy, Emotion.Happy, Emotion.Sad }
            .SelectMany(emotion => EvaluationResultTests.Probabilities(emotion, 0.5f))];
        DuplicateMetrics figures = DuplicateMetrics.Measure(answers, evaluated, Load(Stripes, Bars));
        Assert.Equal((1, 1, 3), (figures.Identical, figures.NearlyIdentical, figures.SamplesWithout));
        Assert.Equal(1, figures.AccuracyOfDuplicates);
        Assert.Equal(1.0 / 3, figures.AccuracyWithout!.Value, 12);

        // Wilson for 1 of 3, z^2 = 3.841459: (1/3 + 0.640243 -+ 1.959964 sqrt(2/27 + 0.106707)) / 2.280486 = 0.061492, 0.792340.
        Assert.Equal(0.061492, figures.ConfidenceInterval95Without[0], 1e-6);
        Assert.Equal(0.792340, figures.ConfidenceInterval95Without[1], 1e-6);
    }

    [Fact]
    public void Measure_NoDuplicates_LeavesThemNoAccuracy()
    {
        DuplicateMetrics figures = DuplicateMetrics.Measure(EvaluationResultTests.Probabilities(Emotion.Sad, 0.5f), Load(Stripes), Load(Disc));
        Assert.Equal((0, 0, 1), (figures.Identical, figures.NearlyIdentical, figures.SamplesWithout));
        Assert.Null(figures.AccuracyOfDuplicates);
    }

    private static byte[] Image(Func<int, int, int> pixel) => [.. Enumerable.Range(0, 2304).Select(i => (byte)pixel(i % 48, i / 48))];

    private static FaceDataset Load(params byte[][] faces) => FaceDataset.Load(MemoryFaces.View([.. faces.Select(face => (Emotion.Sad, face))]));
}
