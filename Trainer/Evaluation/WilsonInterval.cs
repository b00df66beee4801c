namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// The score interval of a proportion: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference",
/// https://doi.org/10.1080/01621459.1927.10502953. Unlike the normal approximation it holds near 0 and 1 and for few samples.
/// </summary>
internal static class WilsonInterval
{
    /// <summary>The standard normal distribution's 97.5 % quantile.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>The number of trials below which the interval comes before the share: it reaches up to 10 points and more either way.</summary>
    private const int Few = 100;

    /// <summary>A share and its interval in words; of few trials the interval comes first.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="interval">[lower, upper].</param>
    /// <param name="trials">Out of how many.</param>
    /// <param name="of">What is added to the share, for example <c> of 120</c>.</param>
    public static string Describe(double share, IReadOnlyList<double> interval, int trials, string of = "")
    {
        string ends = $"{Percent(interval[0])} to {Percent(interval[1])}";
        return IsFew(trials)
            ? $"{ends} (95 % interval; {Percent(share)} of only {trials})"
            : $"{Percent(share)}{of} (95 % interval {ends})";
    }

    /// <summary>A share in words; of few trials its interval comes first, of more there is none.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="trials">Out of how many.</param>
    /// <param name="of">What is added to the share of more.</param>
    public static string Share(double share, int trials, string of = "") =>
        IsFew(trials) && trials > 0 ? Describe(share, Around(share, trials), trials) : $"{Percent(share)}{of}";

    /// <summary>A figure that is no share, marked where it comes from few trials.</summary>
    public static string Mark(string figure, int trials) => IsFew(trials) ? $"{figure} (of only {trials})" : figure;

    /// <summary>Whether trials are too few for a share to stand without its interval.</summary>
    public static bool IsFew(int trials) => trials < Few;

    /// <summary>The 95 % confidence interval of a share: [lower, upper].</summary>
    /// <param name="share">In [0, 1], a whole number of the trials.</param>
    /// <param name="trials">Out of how many, at least 1.</param>
    public static IReadOnlyList<double> Around(double share, int trials)
    {
        (double lower, double upper) = At95Percent((int)Math.Round(share * trials), trials);
        return [lower, upper];
    }

    /// <summary>The 95 % confidence interval.</summary>
    /// <param name="successes">How often it was so.</param>
    /// <param name="trials">Out of how many, at least 1.</param>
    /// <returns>The lower and the upper end, each in [0, 1].</returns>
    public static (double Lower, double Upper) At95Percent(int successes, int trials)
    {
        double proportion = (double)successes / trials;
        double shrink = 1 + (Z * Z / trials);
        double centre = (proportion + (Z * Z / (2.0 * trials))) / shrink;
        double halfWidth = Z / shrink * Math.Sqrt((proportion * (1 - proportion) / trials) + (Z * Z / (4.0 * trials * trials)));
        return (Math.Max(0, centre - halfWidth), Math.Min(1, centre + halfWidth));
    }

    private static string Percent(double value) => $"{value * 100:F2} %";
}
