namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// The score interval of a proportion (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference",
/// https://doi.org/10.1080/01621459.1927.10502953). Unlike the normal approximation, it is valid near 0 and 1 and for few samples.
/// </summary>
internal static class WilsonInterval
{
    /// <summary>The 97.5 % quantile of the standard normal distribution.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>The number of trials below which the interval is shown before the share, because it extends 10 points or more to either side.</summary>
    private const int Few = 100;

    /// <summary>Formats a share with its interval; for few trials, the interval comes first.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="interval">[lower, upper].</param>
    /// <param name="of">Text after the share, for example <c> of 120</c>.</param>
    public static string Describe(double share, IReadOnlyList<double> interval, int trials, string of = "")
    {
        string ends = $"{Percent(interval[0])} to {Percent(interval[1])}";
        return IsFew(trials)
            ? $"{ends} (95 % interval; {Percent(share)} of only {trials})"
            : $"{Percent(share)}{of} (95 % interval {ends})";
    }

    /// <summary>Formats a share; for few trials with its interval first, for more without it.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="of">Text after the share, if there are enough trials.</param>
    public static string Share(double share, int trials, string of = "") =>
        IsFew(trials) && trials > 0 ? Describe(share, Around(share, trials), trials) : $"{Percent(share)}{of}";

    /// <summary>Appends the number of trials to a metric that is not a share, if they are few.</summary>
    public static string Mark(string figure, int trials) => IsFew(trials) ? $"{figure} (of only {trials})" : figure;

    /// <summary>Whether there are too few trials to show a share without its interval.</summary>
    public static bool IsFew(int trials) => trials < Few;

    /// <summary>Returns the 95 % confidence interval of a share in [0, 1] of at least one trial: [lower, upper].</summary>
    public static double[] Around(double share, int trials) => At95Percent((int)Math.Round(share * trials), trials);

    /// <summary>Returns the 95 % confidence interval for at least one trial: [lower, upper], each in [0, 1].</summary>
    public static double[] At95Percent(int successes, int trials)
    {
        double proportion = (double)successes / trials;
        double shrink = 1 + (Z * Z / trials);
        double centre = (proportion + (Z * Z / (2.0 * trials))) / shrink;
        double halfWidth = Z / shrink * Math.Sqrt((proportion * (1 - proportion) / trials) + (Z * Z / (4.0 * trials * trials)));
        return [Math.Max(0, centre - halfWidth), Math.Min(1, centre + halfWidth)];
    }

    private static string Percent(double value) => $"{value * 100:F2} %";
}
