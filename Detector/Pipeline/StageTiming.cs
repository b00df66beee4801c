namespace MlNetEmotion.Detector.Pipeline;

/// <summary>How long a stage takes.</summary>
/// <param name="Name">The stage.</param>
/// <param name="P50Ms">Half of its runs take at most this long, in milliseconds.</param>
/// <param name="P99Ms">99 of 100 runs take at most this long, in milliseconds.</param>
internal sealed record StageTiming(string Name, double P50Ms, double P99Ms);
