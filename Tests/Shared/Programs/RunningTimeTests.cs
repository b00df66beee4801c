using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs;

public sealed class RunningTimeTests
{
    private readonly ManualTime time = new();
    private readonly RunningTime clock;

    public RunningTimeTests() => clock = new RunningTime(time);

    [Fact]
    public void Elapsed_WhileTheProcessRuns_IsTheClocks()
    {
        long start = clock.GetTimestamp();

        time.Run(milliseconds: 12_345);

        Assert.Equal(TimeSpan.FromMilliseconds(12_345), clock.GetElapsedTime(start));
    }

    [Theory]
    [InlineData(999, 999)]
    [InlineData(1000, 1000)]
    [InlineData(1001, 1000)]
    [InlineData(86_400_000, 1000)]
    public void Elapsed_WhileTheProcessStandsStill_IsASecondAtMost(int stoodStillMs, int expectedMs)
    {
        long start = clock.GetTimestamp();

        time.StandStill(stoodStillMs);

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMs), clock.GetElapsedTime(start));
    }

    [Fact]
    public void Elapsed_WhenNothingAsksForLong_CountsAllTheSame()
    {
        time.Run(milliseconds: 100);
        long start = clock.GetTimestamp();

        time.Run(milliseconds: 60_000);    // the clock's own look, four times a second

        Assert.Equal(60, clock.GetElapsedTime(start).TotalSeconds);
    }

    [Fact]
    public void Timeout_OverAPause_WaitsForItsWholeTime()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);

        time.Run(milliseconds: 4000);
        time.StandStill(milliseconds: 600_000);    // counts as one of the ten seconds
        time.Run(milliseconds: 4999);
        Assert.False(timeout.IsCancellationRequested);

        time.Run(milliseconds: 1);
        Assert.True(timeout.IsCancellationRequested);
    }

    [Fact]
    public void Timeout_SetAgain_BeginsAnew()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);

        time.Run(milliseconds: 1500);
        timeout.CancelAfter(TimeSpan.FromSeconds(2));
        time.Run(milliseconds: 1999);
        Assert.False(timeout.IsCancellationRequested);

        time.Run(milliseconds: 1);
        Assert.True(timeout.IsCancellationRequested);
    }

    [Fact]
    public void Timer_WithAPeriod_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => clock.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
}
