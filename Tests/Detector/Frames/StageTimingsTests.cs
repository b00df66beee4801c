using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Frames;

public sealed class StageTimingsTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    public void Percentile_OneToHundred_IsTheNearestRank(double part, double expected)
    {
        var stage = new StageTimings.Stage();
        for (int i = 100; i >= 1; i--)
        {
            stage.Add(i);
        }

        Assert.Equal(expected, stage.Percentile(part));
    }

    [Fact]
    public void Add_MoreThanTheCapacity_ForgetsTheOldest()
    {
        var stage = new StageTimings.Stage();
        stage.Add(1);
        for (int i = 1; i < StageTimings.Capacity; i++)
        {
            stage.Add(2);
        }

        Assert.Equal(1, stage.Percentile(0));
        stage.Add(2);
        Assert.Equal(2, stage.Percentile(0));
    }

    [Fact]
    public void Measure_Sleep_TakesAtLeastThatLong()
    {
        var timings = new StageTimings();
        using (timings.Measure("rest"))
        {
            Thread.Sleep(30);
        }

        StageTiming timing = Assert.Single(timings.Summarize());
        Assert.Equal("rest", timing.Name);
        Assert.InRange(timing.P50Ms, 29, 10_000);
    }
}
