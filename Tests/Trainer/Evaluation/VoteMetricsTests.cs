using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class VoteMetricsTests
{
    private static readonly Votes[] Asked =
    [
        new([0, 0, 0, 0, 0, 0, 9], [1, 0, 0]), // clearly neutral
        new([0, 0, 0, 0, 0, 0, 8], [0, 2, 0]), // clearly neutral
        new([0, 0, 0, 5, 0, 5, 0], [0, 0, 0]), // tied
        new([1, 0, 0, 3, 0, 0, 0], [6, 0, 0]), // contempt
    ];

    // The last face was not asked about.
    private static readonly FaceDataset Faces = FaceDataset.Load(MemoryFaces.View([.. Enumerable.Range(0, 5).Select(i => (Emotion.Sad, TemporaryFolder.Face((byte)i)))]))
        .WithVotes(source => Asked.ElementAtOrDefault(int.Parse(source)));

    [Fact]
    public void Measure_AnswersAndVotes_CountsMajoritiesAndSharesByHand()
    {
        // Neutral, Happy, Happy, Happy, Happy, each with 0.4, the others with 0.1.
        float[] probabilities = [.. ((Emotion[])[Emotion.Neutral, Emotion.Happy, Emotion.Happy, Emotion.Happy, Emotion.Happy]).SelectMany(Row)];

        VoteMetrics figures = VoteMetrics.Measure(probabilities, Faces)!;

        Assert.Equal((2, 3, 0.5), (figures.Samples, figures.LeftOut, figures.Agreement));
        Assert.Equal((4, 1), (figures.WithVotes, figures.WithoutVotes));
        Assert.Equal((2, 0.5), (figures.NeutralSamples, figures.NeutralCalledHappy));

        // From one voice to two of equal weight: the two clearly neutral faces, then three to one, then five to five. 0.4 is certain enough.
        Assert.Equal([0, 0, (-0.25 * Math.Log(0.25)) - (0.75 * Math.Log(0.75)), Math.Log(2)], figures.Quartiles.Select(quarter => quarter.Entropy), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1, 0, null, null], figures.Quartiles.Select(quarter => quarter.Agreement));
        Assert.All(figures.Quartiles, quarter => Assert.Equal((1, 0), (quarter.Faces, quarter.Uncertain)));

        // -ln 0.4, -ln 0.1, -(ln 0.4 + ln 0.1) / 2, -(3 ln 0.4 + ln 0.1) / 4
        (double likely, double unlikely) = (-Math.Log(0.4), -Math.Log(0.1));
        Assert.Equal((likely + unlikely + ((likely + unlikely) / 2) + (((3 * likely) + unlikely) / 4)) / 4, figures.CrossEntropy, 1e-6);

        // All four say 0.4, where 1, 0, 1/2 and 3/4 of the votes for a class say the same: one bin.
        Assert.Equal((2.25 / 4) - 0.4, figures.ExpectedCalibrationError, 1e-6);

        // Wilson, z = 1.96: (1/2 + z²/4 ± z √(1/8 + z²/16)) / (1 + z²/2) = 0.0945 and 0.9055.
        Assert.Equal([0.0945, 0.9055], figures.ConfidenceInterval95, (a, b) => Math.Abs(a - b) < 1e-4);

        static IEnumerable<float> Row(Emotion answer) => Enumerable.Range(0, 7).Select(i => i == (int)answer ? 0.4f : 0.1f);
    }

    [Fact]
    public void Measure_WithoutAMajority_IsNothing()
    {
        Assert.Null(VoteMetrics.Measure(new float[7].Select(_ => 1f / 7).ToArray(), Faces.Select([2])));
        Assert.Null(VoteMetrics.Measure(new float[7].Select(_ => 1f / 7).ToArray(), Faces.Select([0]).WithVotes(_ => null)));
    }

    // Shares that are the softmax of half the logits: a temperature of 2 fits exactly.
    [Fact]
    public void Temperature_FittedOnShares_IsTheirs()
    {
        float[] logits = [0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0, -1, 0];
        float[] shares = [.. logits.Chunk(7).SelectMany(row =>
        {
            double[] powers = [.. row.Select(logit => Math.Exp(logit / 2))];
            return powers.Select(power => (float)(power / powers.Sum()));
        })];

        Assert.Equal(2, Temperature.Fit(logits, shares), 1e-3);
    }

    [Fact]
    public void Calibration_ByVotes_FitsTheirSharesInsteadOfLabels()
    {
        // Certain of Neutral, where nine of nine people say so but the label is Sad: votes leave it, labels smooth it as far as they can.
        float[] certain = [0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.94f];
        FaceDataset face = Faces.Select([0]);

        Assert.True(CalibrationCheck.Measure(certain, face, byVotes: true).Temperature < 1);
        Assert.True(CalibrationCheck.Measure(certain, face).Temperature > 1);
    }

    [Fact]
    public void CalibrationError_ByVotes_IsAgainstTheShareThatSaysTheSame()
    {
        // Neutral, as nine of nine people say, though the label is Sad: by votes certainty is right, by labels always wrong.
        float[] certain = [0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.94f];
        FaceDataset faces = Faces.Select([0, 0]);

        Assert.Equal(0, CalibrationCheck.Measure([.. certain, .. certain], faces, byVotes: true).ExpectedCalibrationErrorCrossFitted!.Value, 1e-3);
        Assert.InRange(CalibrationCheck.Measure([.. certain, .. certain], faces).ExpectedCalibrationErrorCrossFitted!.Value, 1.0 / 7, 1);
    }
}
