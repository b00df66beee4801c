using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class TemperatureTests
{
    [Theory]
    [InlineData(10f, 8)]
    [InlineData(2f, 8)]
    [InlineData(5f, 6)]
    public void Fit_OfOneScoreThatIsOftenRight_MakesItThatProbable(float score, int rightOfTen)
    {
        // One class scores s, six score 0. Probability q of that class needs exp(s / T) / (exp(s / T) + 6) = q.
        float[] logits = [.. Enumerable.Repeat(new[] { score, 0, 0, 0, 0, 0, 0 }, 10).SelectMany(row => row)];
        Emotion[] labels = [.. Enumerable.Range(0, 10).Select(i => i < rightOfTen ? Emotion.Angry : Emotion.Sad)];
        double q = rightOfTen / 10.0;
        double expected = score / Math.Log(6 * q / (1 - q));
        Assert.Equal(expected, Temperature.Fit(logits, Logits.Targets(labels)), expected * 1e-4);
    }

    [Theory]
    [InlineData(Emotion.Angry, 0.1)] // always right: as sure as is allowed
    [InlineData(Emotion.Sad, 10)] // always wrong: as unsure
    public void Fit_WithoutAnOptimum_EndsAtItsBounds(Emotion label, double expected) =>
        Assert.Equal(expected, Temperature.Fit([3, 0, 0, 0, 0, 0, 0], Logits.Targets([label])), expected * 1e-3);
}
