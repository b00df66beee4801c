namespace MlNetEmotion.Detector.Output;

/// <summary>The precision of numbers in event files: no more digits than mean something. Decimals, for they are never written with an exponent.</summary>
internal static class EventNumbers
{
    /// <summary>To the microsecond.</summary>
    /// <param name="time">A time.</param>
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, 3);

    /// <summary>To six decimals.</summary>
    /// <param name="probability">In [0, 1].</param>
    public static decimal Probability(float probability) => Plain((decimal)probability, 6);

    // A decimal keeps the zeros that its calculation left at its end; a division by one of the longest form drops them.
    private static decimal Plain(decimal value, int decimals) =>
        decimal.Round(value, decimals, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;
}
