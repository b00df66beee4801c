namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Whether confidences can be believed: the bins of a reliability diagram and the expected calibration error, as in
/// Guo et al. 2017, "On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599, with 15 equal-width bins.
/// </summary>
internal sealed class Reliability
{
    private const int BinCount = 15;

    private readonly int[] counts = new int[BinCount];
    private readonly double[] correct = new double[BinCount];
    private readonly double[] confidenceSums = new double[BinCount];

    /// <summary>Adds a sample to the bin of its confidence.</summary>
    /// <param name="confidence">The largest probability, in (0, 1].</param>
    /// <param name="correct">Whether the class of that probability is the true one, 1 or 0; or the share of people who say so.</param>
    public void Add(float confidence, double correct)
    {
        // Bin m is ((m - 1) / 15, m / 15]. In float, as the confidence itself: 0.2f must not slip over its upper end.
        int bin = Math.Clamp((int)MathF.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1);
        counts[bin]++;
        this.correct[bin] += correct;
        confidenceSums[bin] += confidence;
    }

    /// <summary>The 15 bins, lowest confidence first.</summary>
    public ReliabilityBin[] Bins() =>
    [
        .. Enumerable.Range(0, BinCount).Select(m => new ReliabilityBin(
            Lower: (double)m / BinCount,
            Upper: (double)(m + 1) / BinCount,
            counts[m],
            Confidence: confidenceSums[m] / Math.Max(counts[m], 1),
            Accuracy: correct[m] / Math.Max(counts[m], 1))),
    ];

    /// <summary>The error of answers whose truth may be people's votes.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="targets">float32 [n, 7]: 1 for the label, or the classes' shares of the votes.</param>
    public static double ExpectedCalibrationError(float[] probabilities, float[] targets)
    {
        var reliability = new Reliability();
        for (int row = 0; row < probabilities.Length / Emotions.Count; row++)
        {
            int answer = (row * Emotions.Count) + (int)EvaluationResult.Predicted(probabilities, row);
            reliability.Add(probabilities[answer], targets[answer]);
        }

        return ExpectedCalibrationError(reliability.Bins());
    }

    /// <summary>The gap between confidence and accuracy, averaged over the bins by their numbers of samples; in [0, 1].</summary>
    /// <param name="bins">As <see cref="Bins"/> returns them.</param>
    public static double ExpectedCalibrationError(IReadOnlyCollection<ReliabilityBin> bins) =>
        bins.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / bins.Sum(bin => bin.Count);
}
