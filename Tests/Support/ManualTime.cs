namespace MlNetEmotion.Tests;

/// <summary>A clock that a test moves on by hand, a millisecond a tick; timers fire while it moves. Thread-safe, but for its moving.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private long nowMs;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Volatile.Read(ref nowMs);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (gate)
        {
            timers.Add(timer);
        }

        return timer;
    }

    /// <summary>As the process runs: every timer fires when it is due.</summary>
    public void Run(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Interlocked.Increment(ref nowMs);
            Fire();
        }
    }

    /// <summary>As the process stands still: the clock is later at once, and only then timers fire, once each.</summary>
    public void StandStill(int milliseconds)
    {
        Interlocked.Add(ref nowMs, milliseconds);
        Fire();
    }

    /// <summary>Waits until another thread has set a timer that is due in so many milliseconds, and then runs for them.</summary>
    public void RunUntilDue(int milliseconds)
    {
        AwaitTimer(milliseconds);
        Run(milliseconds);
    }

    /// <summary>Waits until another thread has set a timer that is due in so many milliseconds.</summary>
    public void AwaitTimer(int milliseconds)
    {
        if (!SpinWait.SpinUntil(() => Timers().Any(timer => timer.DueMs == GetTimestamp() + milliseconds), TimeSpan.FromMinutes(1)))
        {
            throw new TimeoutException($"no timer of {milliseconds} ms");
        }
    }

    private ManualTimer[] Timers()
    {
        lock (gate)
        {
            return [.. timers];
        }
    }

    private void Fire()
    {
        foreach (ManualTimer timer in Timers())
        {
            timer.FireIfDue(nowMs);
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private readonly Lock gate = new();
        private long? dueMs;
        private long? periodMs;

        public long? DueMs
        {
            get
            {
                lock (gate)
                {
                    return dueMs;
                }
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (gate)
            {
                dueMs = dueTime == Timeout.InfiniteTimeSpan ? null : time.GetTimestamp() + (long)dueTime.TotalMilliseconds;
                periodMs = period == Timeout.InfiniteTimeSpan ? null : (long)period.TotalMilliseconds;
                return true;
            }
        }

        public void FireIfDue(long nowMs)
        {
            lock (gate)
            {
                if (!(dueMs <= nowMs))
                {
                    return;
                }

                dueMs = periodMs is { } every ? nowMs + every : null;
            }

            fire();
        }

        public void Dispose()
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
