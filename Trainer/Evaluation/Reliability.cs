namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// Whether confidences can be believed: the bins of a reliability diagram and the expected calibration error, as in
/// Guo et al. 2017, "On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599, with 15 equal-width bins.
/// </summary>
internal sealed class Reliability
{
    private const int BinCount = 15;

    private readonly int[] counts = new int[BinCount];
    private readonly int[] correct = new int[BinCount];
    private readonly double[] confidenceSums = new double[BinCount];

    /// <summary>Adds a sample to the bin of its confidence.</summary>
    /// <param name="confidence">The largest probability, in (0, 1].</param>
    /// <param name="isCorrect">Whether the class of that probability is the true one.</param>
    public void Add(float confidence, bool isCorrect)
    {
        // Bin m is ((m - 1) / 15, m / 15]. In float, as the confidence itself: 0.2f must not slip over its upper end.
        int bin = Math.Clamp((int)MathF.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1);
        counts[bin]++;
        correct[bin] += isCorrect ? 1 : 0;
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
            Accuracy: (double)correct[m] / Math.Max(counts[m], 1))),
    ];

    /// <summary>The gap between confidence and accuracy, averaged over the bins by their numbers of samples; in [0, 1].</summary>
    /// <param name="bins">As <see cref="Bins"/> returns them.</param>
    public static double ExpectedCalibrationError(IReadOnlyCollection<ReliabilityBin> bins) =>
        bins.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / bins.Sum(bin => bin.Count);
}
