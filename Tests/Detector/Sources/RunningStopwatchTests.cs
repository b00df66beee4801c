using MlNetEmotion.Detector.Sources;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class RunningStopwatchTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.25);

    private readonly ManualTime time = new();

    [Fact]
    public void Elapsed_WhileTheProcessRuns_IsTheTime()
    {
        using var stopwatch = new RunningStopwatch(time: time);
        stopwatch.Start();
        Run(8);
        time.Pass(TimeSpan.FromSeconds(0.1));

        Assert.Equal(2.1, stopwatch.Elapsed.TotalSeconds, 6);
    }

    [Fact]
    public void Elapsed_AfterTheProcessWasStopped_LacksThatTime()
    {
        using var stopwatch = new RunningStopwatch(time: time);
        stopwatch.Start();
        Run(4);
        time.Pass(TimeSpan.FromHours(1));

        // Of an hour without a tick, two intervals count; before the late tick comes, and after it.
        Assert.Equal(1.5, stopwatch.Elapsed.TotalSeconds, 6);
        time.Tick();
        Assert.Equal(1.5, stopwatch.Elapsed.TotalSeconds, 6);
        Run(2);
        Assert.Equal(2.0, stopwatch.Elapsed.TotalSeconds, 6);
    }

    [Fact]
    public void Limit_Waiting_ExpiresOnceAtItsTime()
    {
        int expired = 0;
        using var stopwatch = new RunningStopwatch(TimeSpan.FromSeconds(1), () => expired++, time);
        stopwatch.Start();
        Run(3);
        Assert.Equal((0, false), (expired, stopwatch.IsExpired));
        Run(1);
        Assert.Equal((1, true), (expired, stopwatch.IsExpired));
        Run(10);
        Assert.Equal((1, true), (expired, stopwatch.IsExpired));

        stopwatch.Start();
        Assert.False(stopwatch.IsExpired);
        Run(4);
        Assert.Equal(2, expired);
    }

    [Fact]
    public void Limit_ProcessWasStoppedForLonger_DoesNotExpire()
    {
        int expired = 0;
        using var stopwatch = new RunningStopwatch(TimeSpan.FromSeconds(1), () => expired++, time);
        stopwatch.Start();
        time.Pass(TimeSpan.FromHours(1));
        time.Tick();
        Assert.Equal(0, expired);
        Run(2);
        Assert.Equal(1, expired);
    }

    [Fact]
    public void Stop_NothingIsWaitedFor_CountsNothing()
    {
        int expired = 0;
        using var stopwatch = new RunningStopwatch(TimeSpan.FromSeconds(1), () => expired++, time);
        stopwatch.Start();
        Run(2);
        stopwatch.Stop();
        Run(100);

        Assert.Equal((0, 0.5), (expired, Math.Round(stopwatch.Elapsed.TotalSeconds, 6)));
        stopwatch.Start();
        Assert.Equal(0, stopwatch.Elapsed.TotalSeconds, 6);
    }

    private void Run(int intervals)
    {
        for (int i = 0; i < intervals; i++)
        {
            time.Pass(Interval);
            time.Tick();
        }
    }

    /// <summary>A clock that a test moves, and one timer that it fires.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private TimerCallback? callback;
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal((Interval, Interval), (dueTime, period));
            this.callback = callback;
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Pass(TimeSpan time) => now += time.Ticks;

        public void Tick() => callback!(null);
    }
}
