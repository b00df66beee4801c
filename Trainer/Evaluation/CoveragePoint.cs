namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// A point of the accuracy-coverage curve, in which the least confident predictions are withheld (Geifman and El-Yaniv 2017, "Selective Classification for
/// Deep Neural Networks", https://arxiv.org/abs/1705.08500).
/// </summary>
/// <param name="Coverage">Share of samples with a prediction, in (0, 1].</param>
/// <param name="Threshold">The minimum confidence for a prediction, as <see cref="EmotionScores.TopOrUncertain"/> takes it.</param>
/// <param name="Accuracy">Share of the predictions that are correct, in [0, 1].</param>
/// <param name="Samples">Number of samples with a prediction.</param>
internal sealed record CoveragePoint(double Coverage, double Threshold, double Accuracy, int Samples)
{
    private const int Steps = 10;

    /// <summary>Returns the points at 100 %, 90 %, … 10 % coverage. With equal confidences, a point may cover more.</summary>
    /// <param name="samples">Each sample's confidence and whether its prediction is correct; at least one.</param>
    internal static CoveragePoint[] Curve(IEnumerable<(float Confidence, bool IsCorrect)> samples)
    {
        (float Confidence, bool IsCorrect)[] sorted = [.. samples.OrderByDescending(sample => sample.Confidence)];
        return [.. Enumerable.Range(0, Steps).Select(step => At(sorted, ((sorted.Length * (Steps - step)) + Steps - 1) / Steps))];
    }

    private static CoveragePoint At((float Confidence, bool IsCorrect)[] sorted, int wanted)
    {
        float threshold = sorted[wanted - 1].Confidence;
        (float Confidence, bool IsCorrect)[] answered = [.. sorted.TakeWhile(sample => sample.Confidence >= threshold)];
        return new CoveragePoint(
            (double)answered.Length / sorted.Length,
            threshold,
            (double)answered.Count(sample => sample.IsCorrect) / answered.Length,
            answered.Length);
    }
}
