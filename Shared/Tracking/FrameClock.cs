namespace MlNetEmotion.Tracking;

/// <summary>
/// The times of a video's frames, and which of them are too far apart for a face to be the same. Both limits grow where frames are
/// usually further apart, so that faces are followed through one frame a second too.
/// </summary>
internal sealed class FrameClock
{
    /// <summary>The longest gap between frames across which faces are followed.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(2);

    // A gap or two among them do not change their median.
    private const int Intervals = 5;

    // Two frames in a row that are lost are still no gap.
    private const int MaxUsualIntervals = 3;

    private readonly long[] last = new long[Intervals];
    private long count;
    private TimeSpan? now;

    /// <summary>The time of the frame before the newest.</summary>
    public TimeSpan Previous { get; private set; }

    /// <summary>The time of the newest frame.</summary>
    public TimeSpan Now => now ?? TimeSpan.Zero;

    /// <summary>Takes the next frame's time.</summary>
    /// <returns>Whether it continues the one before: false after a gap, or where time goes back.</returns>
    public bool Advance(TimeSpan timestamp)
    {
        bool isFirst = now is null;
        Previous = now ?? timestamp;
        now = timestamp;
        TimeSpan interval = timestamp - Previous;
        bool continues = interval >= TimeSpan.Zero && interval <= Longer(MaxGap);
        if (!isFirst && interval >= TimeSpan.Zero)
        {
            last[count++ % Intervals] = interval.Ticks;
        }

        return continues;
    }

    /// <summary>Three times the usual interval, where that is longer than a limit; else the limit.</summary>
    public TimeSpan Longer(TimeSpan limit)
    {
        Span<long> sorted = stackalloc long[Intervals];
        last.CopyTo(sorted);
        sorted = sorted[..(int)Math.Min(count, Intervals)];
        sorted.Sort();
        return sorted.IsEmpty ? limit : TimeSpan.FromTicks(Math.Max(limit.Ticks, MaxUsualIntervals * sorted[sorted.Length / 2]));
    }

    /// <summary>Forgets all times.</summary>
    public void Clear() => (now, count) = (null, 0);
}
