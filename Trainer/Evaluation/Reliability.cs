namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// The bins of a reliability diagram and the expected calibration error, with 15 equal-width bins as in Guo et al. 2017, "On Calibration of Modern Neural
/// Networks", https://arxiv.org/abs/1706.04599.
/// </summary>
internal sealed class Reliability
{
    private const int BinCount = 15;

    private readonly int[] counts = new int[BinCount];
    private readonly double[] correct = new double[BinCount];
    private readonly double[] confidenceSums = new double[BinCount];

    /// <summary>Adds a sample to the bin of its confidence.</summary>
    /// <param name="confidence">The largest probability, in (0, 1].</param>
    /// <param name="correct">1 if the predicted class is the true one, else 0; or the share of people who chose it.</param>
    public void Add(float confidence, double correct)
    {
        // Bin m is ((m - 1) / 15, m / 15]. Computed in float like the confidence, so that 0.2f stays in the bin that ends at 0.2.
        int bin = Math.Clamp((int)MathF.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1);
        counts[bin]++;
        this.correct[bin] += correct;
        confidenceSums[bin] += confidence;
    }

    /// <summary>Returns the 15 bins, lowest confidence first.</summary>
    public ReliabilityBin[] Bins() =>
    [
        .. Enumerable.Range(0, BinCount).Select(m => new ReliabilityBin(
            Lower: (double)m / BinCount,
            Upper: (double)(m + 1) / BinCount,
            counts[m],
            Confidence: confidenceSums[m] / Math.Max(counts[m], 1),
            Accuracy: correct[m] / Math.Max(counts[m], 1))),
    ];

    /// <summary>Returns the expected calibration error against target distributions.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7]: one-hot labels, or the classes' shares of the votes.</param>
    public static double ExpectedCalibrationError(float[] probabilities, float[] targets)
    {
        var reliability = new Reliability();
        for (int row = 0; row < probabilities.Length / Emotions.Count; row++)
        {
            int predicted = (row * Emotions.Count) + (int)EvaluationResult.Predicted(probabilities, row);
            reliability.Add(probabilities[predicted], targets[predicted]);
        }

        return ExpectedCalibrationError(reliability.Bins());
    }

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
