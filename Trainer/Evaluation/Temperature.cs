namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Temperature scaling (Guo et al. 2017, https://arxiv.org/abs/1706.04599): divides logits by one number to calibrate the probabilities. It changes
/// no prediction.</summary>
internal static class Temperature
{
    private const double MinTemperature = 0.1;
    private const double MaxTemperature = 10;
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>Fits the temperature with the lowest cross-entropy by golden-section search over its logarithm, where the cross-entropy has a single
    /// minimum.</summary>
    /// <param name="logits">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7], each row sums to 1.</param>
    public static double Fit(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets)
    {
        (double low, double high) = (Math.Log(MinTemperature), Math.Log(MaxTemperature));
        while (high - low > 1e-4)
        {
            double left = high - (Golden * (high - low));
            double right = low + (Golden * (high - low));
            bool leftIsBetter = Logits.CrossEntropy(logits, targets, Math.Exp(left)) < Logits.CrossEntropy(logits, targets, Math.Exp(right));
            (low, high) = leftIsBetter ? (low, right) : (left, high);
        }

        return Math.Exp((low + high) / 2);
    }
}
