using System.Globalization;

namespace MlNetEmotion.Detector.Output;

/// <summary>The precision of numbers in event files: no more digits than mean something. Decimals, for they are never written with an exponent.</summary>
internal static class EventNumbers
{
    /// <summary>To the microsecond.</summary>
    /// <param name="time">A time.</param>
    public static decimal Milliseconds(TimeSpan time) => Plain((decimal)time.TotalMilliseconds, "0.###");

    /// <summary>To six decimals.</summary>
    /// <param name="probability">In [0, 1].</param>
    public static decimal Probability(float probability) => Plain((decimal)probability, "0.######");

    // A decimal keeps the zeros that its calculation left at its end; a parsed one has only the digits that are written.
    private static decimal Plain(decimal value, string format) =>
        decimal.Parse(value.ToString(format, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
