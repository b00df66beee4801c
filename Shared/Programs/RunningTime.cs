namespace MlNetEmotion.Programs;

/// <summary>A clock that pauses while the process is suspended (Ctrl+Z, a debugger, SIGSTOP, a sleeping machine), so that suspended time does not count
/// towards timeouts. Thread-safe.</summary>
internal sealed class RunningTime : TimeProvider
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    // The clock is read every tick. If it was not read for longer than this, the process was suspended.
    private static readonly TimeSpan MaxStep = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly ITimer ticks;
    private long last;
    private long ran;

    /// <param name="time">The underlying clock, which does not pause.</param>
    public RunningTime(TimeProvider time)
    {
        this.time = time;
        last = time.GetTimestamp();
        ticks = time.CreateTimer(_ => GetTimestamp(), state: null, Tick, Tick);
    }

    /// <summary>The process's clock.</summary>
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

    /// <summary>Creates a timer that fires once.</summary>
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
                throw new NotSupportedException("timers of RunningTime cannot repeat");
            }

            lock (gate)
            {
                due = dueTime == Timeout.InfiniteTimeSpan ? null : clock.GetTimestamp() + clock.ToTimestamp(dueTime);
                return timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();

        // The underlying timer also counts suspended time, so it may fire too early and is then started again.
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
