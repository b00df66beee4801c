using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class LogitsTests
{
    private static readonly float Ln2 = MathF.Log(2);

    [Fact]
    public void CrossEntropy_OfTwoRows_IsAsComputedByHand()
    {
        // Odds 2 : 1 : … : 1 of 8; then 1 : … : 1 of 7.
        float[] logits = [Ln2, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 5];
        Assert.Equal((Math.Log(4) + Math.Log(7)) / 2, Logits.CrossEntropy(logits, Logits.Targets([Emotion.Angry, Emotion.Sad])), 1e-7);
        Assert.Equal((Math.Log(8) + Math.Log(7)) / 2, Logits.CrossEntropy(logits, Logits.Targets([Emotion.Neutral, Emotion.Sad])), 1e-7);
    }

    [Fact]
    public void CrossEntropy_WithATemperature_DividesFirst() =>
        Assert.Equal(Math.Log(4), Logits.CrossEntropy([2 * Ln2, 0, 0, 0, 0, 0, 0], Logits.Targets([Emotion.Angry]), temperature: 2), 1e-7);

    [Theory]
    [InlineData(Emotion.Angry, 0)]
    [InlineData(Emotion.Fear, 1000)]
    public void CrossEntropy_OfHugeLogits_StaysFinite(Emotion label, double expected) =>
        Assert.Equal(expected, Logits.CrossEntropy([1000, 0, 0, 0, 0, 0, 0], Logits.Targets([label])), 1e-9);

    [Fact]
    public void Accuracy_OfThreeRows_CountsHighestScores()
    {
        float[] logits = [0, 0, 1, 0, 0, 0, 0, -1, -2, -3, -4, -5, -6, -0.5f, 2, 2, 1, 1, 1, 1, 1];

        // Fear is right, Neutral is right; of equals the first counts, Angry instead of Disgust.
        Assert.Equal(2, Logits.CountCorrect(logits, [2, 6, 1]));
        Assert.Equal(2.0 / 3, Logits.Accuracy(logits, [Emotion.Fear, Emotion.Neutral, Emotion.Disgust]));
    }

    [Fact]
    public void CountCorrect_OfALastSmallBatch_ReadsNoLabelBehindIt() =>
        Assert.Equal(1, Logits.CountCorrect([1, 0, 0, 0, 0, 0, 0], [0, 0, 0]));
}
