namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>The metrics of one class against all others. A ratio without a denominator counts as 0, as in scikit-learn.</summary>
/// <param name="Precision">The share of samples predicted as this class that are of it.</param>
/// <param name="Recall">The share of this class's samples that are predicted as it.</param>
/// <param name="F1">The harmonic mean of precision and recall.</param>
/// <param name="Support">The number of samples of this class.</param>
internal sealed record ClassMetrics(string Label, double Precision, double Recall, double F1, int Support)
{
    /// <summary>Computes the metrics from a class's counts.</summary>
    /// <param name="correct">Samples of the class that are predicted as it.</param>
    /// <param name="predicted">Samples predicted as the class.</param>
    internal static ClassMetrics FromCounts(string label, int correct, int predicted, int support) => new(
        label,
        Precision: Ratio(correct, predicted),
        Recall: Ratio(correct, support),
        F1: Ratio(2 * correct, predicted + support),
        support);

    private static double Ratio(int numerator, int denominator) => denominator == 0 ? 0 : (double)numerator / denominator;
}
