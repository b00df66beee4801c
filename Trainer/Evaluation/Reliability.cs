namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// The bins of a reliability diagram and the expected calibration error, with 15 equal-width bins as in Guo et al. 2017, "On Calibration of Modern Neural
/// Networks", https://arxiv.org/abs/1706.04599.
/// </summary>
internal static class Reliability
{
    private const int BinCount = 15;

    /// <summary>Returns the 15 bins, lowest confidence first.</summary>
    /// <param name="samples">Each sample's confidence, the largest probability, in (0, 1]; and 1 if the predicted class is the true one, else 0, or the share of
    /// people who chose it.</param>
    public static ReliabilityBin[] Bins(IEnumerable<(float Confidence, double Correct)> samples)
    {
        // Bin m is ((m - 1) / 15, m / 15]. Computed in float like the confidence, so that 0.2f stays in the bin that ends at 0.2.
        ILookup<int, (float Confidence, double Correct)> bins = samples.ToLookup(sample => Math.Clamp((int)MathF.Ceiling(sample.Confidence * BinCount) - 1, 0, BinCount - 1));
        return
        [
            .. Enumerable.Range(0, BinCount).Select(m => new ReliabilityBin(
                Lower: (double)m / BinCount,
                Upper: (double)(m + 1) / BinCount,
                bins[m].Count(),
                Confidence: bins[m].Select(sample => (double)sample.Confidence).DefaultIfEmpty().Average(),
                Accuracy: bins[m].Select(sample => sample.Correct).DefaultIfEmpty().Average())),
        ];
    }

    /// <summary>Returns the expected calibration error against target distributions.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7]: one-hot labels, or the classes' shares of the votes.</param>
    public static double ExpectedCalibrationError(float[] probabilities, float[] targets) =>
        ExpectedCalibrationError(Bins(Enumerable.Range(0, probabilities.Length / Emotions.Count).Select(row =>
        {
            int predicted = (row * Emotions.Count) + (int)EvaluationResult.Predicted(probabilities, row);
            return (probabilities[predicted], (double)targets[predicted]);
        })));

    /// <summary>Returns the gap between confidence and accuracy, averaged over all bins weighted by their samples; in [0, 1].</summary>
    public static double ExpectedCalibrationError(IReadOnlyCollection<ReliabilityBin> bins) =>
        bins.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / bins.Sum(bin => bin.Count);
}

/// <summary>A bin of the reliability diagram: the samples whose confidence (highest probability) is in an interval.</summary>
/// <param name="Lower">The interval's lower end, exclusive.</param>
/// <param name="Upper">The interval's upper end, inclusive.</param>
/// <param name="Confidence">Their mean confidence; 0 if there are none.</param>
/// <param name="Accuracy">The share classified correctly, or of people who chose the predicted class; 0 if there are none.</param>
internal sealed record ReliabilityBin(double Lower, double Upper, int Count, double Confidence, double Accuracy);
