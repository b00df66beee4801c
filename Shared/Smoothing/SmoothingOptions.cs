namespace MlNetEmotion.Smoothing;

/// <summary>How steady a face's answer is over time.</summary>
public sealed record SmoothingOptions
{
    /// <summary>
    /// The time constant, in seconds: a change is followed by 63 % after so long, by 86 % after twice that. 0 turns smoothing
    /// and hysteresis off: each frame speaks for itself.
    /// </summary>
    public double TimeConstantSeconds { get; init; } = 0.2;

    /// <summary>An answer whose probability is less than this is uncertain, in [0, 1]. Guessing has 1/7.</summary>
    public double UncertainBelow { get; init; } = 0.35;

    /// <summary>By how much, in [0, 1], another emotion must be more probable before it becomes the answer.</summary>
    public double SwitchMargin { get; init; } = 0.18;

    /// <summary>How far above <see cref="UncertainBelow"/>, in [0, 1], an uncertain answer must rise to be certain again.</summary>
    public double CertaintyMargin { get; init; } = 0.05;

    /// <summary>After so many seconds without a frame, a face starts anew: what it showed before says nothing of now.</summary>
    public double ForgetAfterSeconds { get; init; } = 2;
}
