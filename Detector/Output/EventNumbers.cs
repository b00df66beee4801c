namespace MlNetEmotion.Detector.Output;

/// <summary>The precision of numbers in event files: no more digits than mean something.</summary>
internal static class EventNumbers
{
    /// <summary>To the microsecond.</summary>
    /// <param name="time">A time.</param>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    /// <summary>To six decimals.</summary>
    /// <param name="probability">In [0, 1].</param>
    public static double Probability(float probability) => Math.Round((double)probability, 6);
}
