using MlNetEmotion.Trainer.Evaluation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class WilsonIntervalTests
{
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    // (score method without continuity correction); published to four decimals.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void At95Percent_PublishedCases_MatchesNewcombe(int successes, int trials, double lower, double upper)
    {
        double[] interval = WilsonInterval.At95Percent(successes, trials);
        (double low, double high) = (interval[0], interval[1]);
        Assert.Equal(lower, low, 0.00005);
        Assert.Equal(upper, high, 0.00005);
    }

    [Fact]
    public void At95Percent_AllSuccesses_EndsAtOne()
    {
        // Mirrors 0 of 20.
        double[] interval = WilsonInterval.At95Percent(20, 20);
        (double low, double high) = (interval[0], interval[1]);
        Assert.Equal(1 - 0.1611, low, 0.00005);
        Assert.Equal(1, high);
    }

    [Fact]
    public void At95Percent_ManyTrials_DoesNotOverflow()
    {
        // n = 1,000,000, p = 1/2: half width is z / (2 sqrt(n)) = 0.00098 to within z^2 / n.
        double[] interval = WilsonInterval.At95Percent(500_000, 1_000_000);
        (double low, double high) = (interval[0], interval[1]);
        Assert.Equal(0.00098, (high - low) / 2, 1e-6);
    }
}
