namespace MlNetEmotion.Detector.Sources;

/// <summary>Measures for how long something is being waited for. Only time during which this process runs counts: a process that was
/// stopped (Ctrl+Z, SIGSTOP, a suspended computer) finds its cameras and decoders as patient as before. Thread-safe.</summary>
internal sealed class RunningStopwatch : IDisposable
{
    // Ticks come at this interval while the process runs. A longer time between two of them was not spent running.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestInterval = 2 * Interval;

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly ITimer ticks;
    private readonly TimeSpan limit;
    private readonly Action? expired;
    private TimeSpan counted;
    private long countedAt;
    private bool isRunning;
    private volatile bool isExpired;

    /// <summary>Creates a stopwatch that stands at zero and is not running.</summary>
    /// <param name="limit">The time after which <paramref name="expired"/> is called, at most once per <see cref="Start"/>; infinite by default.</param>
    /// <param name="expired">Called on a thread of the pool.</param>
    /// <param name="time">The clock and its timers; null for the system's.</param>
    public RunningStopwatch(TimeSpan? limit = null, Action? expired = null, TimeProvider? time = null)
    {
        (this.limit, this.expired, this.time) = (limit ?? TimeSpan.MaxValue, expired, time ?? TimeProvider.System);
        ticks = this.time.CreateTimer(_ => Tick(), null, Interval, Interval);
    }

    /// <summary>The time counted since the last <see cref="Start"/>.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (gate)
            {
                return counted + (isRunning ? SinceTick() : TimeSpan.Zero);
            }
        }
    }

    /// <summary>Whether the limit was reached since the last <see cref="Start"/>.</summary>
    public bool IsExpired => isExpired;

    /// <summary>Counts from zero.</summary>
    public void Start()
    {
        lock (gate)
        {
            (counted, countedAt, isRunning, isExpired) = (TimeSpan.Zero, time.GetTimestamp(), true, false);
        }
    }

    public void Stop()
    {
        lock (gate)
        {
            (counted, isRunning) = (counted + (isRunning ? SinceTick() : TimeSpan.Zero), false);
        }
    }

    public void Dispose() => ticks.Dispose();

    private TimeSpan SinceTick() => time.GetElapsedTime(countedAt) is var elapsed && elapsed < LongestInterval ? elapsed : LongestInterval;

    private void Tick()
    {
        lock (gate)
        {
            if (!isRunning)
            {
                return;
            }

            (counted, countedAt) = (counted + SinceTick(), time.GetTimestamp());
            if (counted < limit)
            {
                return;
            }

            (isRunning, isExpired) = (false, true);
        }

        expired?.Invoke();
    }
}
