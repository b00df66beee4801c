namespace MlNetEmotion.Tracking;

/// <summary>
/// The times of a video's frames, and which of them are too far apart for a face to be the same. Both limits grow where frames are
/// usually further apart, so that faces are followed through one frame a second too.
/// </summary>
internal sealed class FrameClock
{
    /// <summary>After so long without any frame, each face is another one.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(2);

    // A gap or two among them do not change their median.
    private const int Intervals = 5;

    // Two frames in a row that are lost are still no gap.
    private const int MaxUsualIntervals = 3;

    private readonly long[] last = new long[Intervals];
    private long count;
    private TimeSpan? now;

    /// <summary>When the frame was that came before the newest.</summary>
    public TimeSpan Previous { get; private set; }

    /// <summary>When the newest frame was.</summary>
    public TimeSpan Now => now ?? TimeSpan.Zero;

    /// <summary>Goes on to the next frame.</summary>
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
