namespace MlNetEmotion.Programs;

/// <summary>A clock that stands still while the process does: stopped by Ctrl+Z, a debugger or SIGSTOP, or on a machine that sleeps. A time-out by it
/// ends no wait that the process had no chance to see the end of. Thread-safe.</summary>
internal sealed class RunningTime : TimeProvider
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    // The clock is looked at once a tick. Where nothing looked for longer than this, the process stood still.
    private static readonly TimeSpan MaxStep = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly ITimer ticks;
    private long last;
    private long ran;

    /// <param name="time">The clock underneath, which runs on meanwhile.</param>
    public RunningTime(TimeProvider time)
    {
        this.time = time;
        last = time.GetTimestamp();
        ticks = time.CreateTimer(_ => GetTimestamp(), state: null, Tick, Tick);
    }

    /// <summary>The process's own.</summary>
    public static RunningTime Clock { get; } = new(System);

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp()
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            ran += Math.Clamp(now - last, 0, ToTimestamp(MaxStep));
            last = now;
            return ran;
        }
    }

    /// <summary>A timer that fires once.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OneShot(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private long ToTimestamp(TimeSpan span) => (long)(span.TotalSeconds * TimestampFrequency);

    private sealed class OneShot : ITimer
    {
        private readonly RunningTime clock;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly Lock gate = new();
        private readonly ITimer timer;
        private long? due;

        public OneShot(RunningTime clock, TimerCallback callback, object? state)
        {
            (this.clock, this.callback, this.state) = (clock, callback, state);
            timer = clock.time.CreateTimer(_ => FireIfDue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                throw new NotSupportedException("a timer of running time fires once");
            }

            lock (gate)
            {
                due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetTimestamp() + clock.ToTimestamp(dueTime);
                return timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();

        // The timer underneath counted what this clock did not.
        private void FireIfDue()
        {
            lock (gate)
            {
                if (due is not { } at)
                {
                    return;
                }

                double leftMs = (at - clock.GetTimestamp()) * 1000.0 / clock.TimestampFrequency;
                if (leftMs > 0)
                {
                    timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(leftMs)), Timeout.InfiniteTimeSpan);
                    return;
                }

                due = null;
            }

            callback(state);
        }
    }
}
