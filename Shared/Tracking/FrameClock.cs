namespace MlNetEmotion.Tracking;

/// <summary>
/// The times of a video's frames and the time limits for tracking. The limits grow with the usual frame interval, so that faces can be
/// tracked at one frame per second too.
/// </summary>
internal sealed class FrameClock
{
    /// <summary>The maximum gap between frames across which faces are tracked.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(2);

    // One or two gaps among them do not change the median.
    private const int Intervals = 5;

    // Two dropped frames in a row are not a gap.
    private const int MaxUsualIntervals = 3;

    private readonly long[] last = new long[Intervals];
    private long count;
    private TimeSpan? now;

    /// <summary>The time of the frame before the newest.</summary>
    public TimeSpan Previous { get; private set; }

    /// <summary>The time of the newest frame.</summary>
    public TimeSpan Now => now ?? TimeSpan.Zero;

    /// <summary>Advances to the next frame's time.</summary>
    /// <returns>Whether the frame continues the previous one: false after a gap or if time goes backwards.</returns>
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

    /// <summary>The longer of a limit and three times the usual (median) interval.</summary>
    public TimeSpan Longer(TimeSpan limit)
    {
        Span<long> sorted = stackalloc long[Intervals];
        last.CopyTo(sorted);
        sorted = sorted[..(int)Math.Min(count, Intervals)];
        sorted.Sort();
        return sorted.IsEmpty ? limit : TimeSpan.FromTicks(Math.Max(limit.Ticks, MaxUsualIntervals * sorted[sorted.Length / 2]));
    }

    /// <summary>Discards all times.</summary>
    public void Clear() => (now, count) = (null, 0);
}
