using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class CoveragePointTests
{
    [Fact]
    public void Curve_TenAnswers_WithholdsTheLeastConfident()
    {
        // Confidences 0.9, 0.8, ... 0.3 and three of 0.25; wrong are those of 0.7 and two of 0.25.
        (float, bool)[] answers =
        [
            (0.25f, false), (0.9f, true), (0.8f, true), (0.7f, false), (0.6f, true), (0.5f, true), (0.4f, true), (0.3f, true), (0.25f, true), (0.25f, false),
        ];
        CoveragePoint[] curve = CoveragePoint.Curve(answers);

        // At 90 and 80 % the threshold is 0.25 still, which all ten reach.
        Assert.Equal([10, 10, 10, 7, 6, 5, 4, 3, 2, 1], curve.Select(point => point.Samples));
        Assert.Equal([1, 1, 1, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], curve.Select(point => point.Coverage));
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f], curve.Select(point => (float)point.Threshold));
        Assert.Equal([0.7, 0.7, 0.7, 6 / 7.0, 5 / 6.0, 4 / 5.0, 3 / 4.0, 2 / 3.0, 1, 1], curve.Select(point => point.Accuracy));
    }

    [Fact]
    public void Curve_OneAnswer_IsAtFullCoverageEverywhere() =>
        Assert.All(CoveragePoint.Curve([(0.5f, true)]), point => Assert.Equal(new CoveragePoint(1, 0.5, 1, 1), point));
}
