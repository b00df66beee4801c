namespace MlNetEmotion.Tests.Shared;

/// <summary>A clock that a test moves on by hand, a millisecond a tick; timers fire while it moves.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> timers = [];
    private long nowMs;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => nowMs;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        timers.Add(timer);
        return timer;
    }

    /// <summary>As the process runs: every timer fires when it is due.</summary>
    public void Run(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            nowMs++;
            Fire();
        }
    }

    /// <summary>As the process stands still: the clock is later at once, and only then timers fire, once each.</summary>
    public void StandStill(int milliseconds)
    {
        nowMs += milliseconds;
        Fire();
    }

    private void Fire()
    {
        foreach (ManualTimer timer in timers.ToArray())
        {
            timer.FireIfDue(nowMs);
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private long? dueMs;
        private long? periodMs;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            dueMs = dueTime == Timeout.InfiniteTimeSpan ? null : time.nowMs + (long)dueTime.TotalMilliseconds;
            periodMs = period == Timeout.InfiniteTimeSpan ? null : (long)period.TotalMilliseconds;
            return true;
        }

        public void FireIfDue(long nowMs)
        {
            if (dueMs <= nowMs)
            {
                dueMs = periodMs is { } every ? nowMs + every : null;
                fire();
            }
        }

        public void Dispose() => time.timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
