namespace MlNetEmotion.Detector.Output;

/// <summary>The precision of numbers in event files: no more digits than mean something. Decimals, for they are never written with an exponent.</summary>
internal static class EventNumbers
{
    /// <summary>To the microsecond.</summary>
    /// <param name="time">A time.</param>
    public static decimal Milliseconds(TimeSpan time) => Math.Round((decimal)time.TotalMilliseconds, 3);

    /// <summary>To six decimals.</summary>
    /// <param name="probability">In [0, 1].</param>
    public static decimal Probability(float probability) => Math.Round((decimal)probability, 6);
}
