namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>
/// How good answers are when the unsure ones are withheld: a point of the accuracy-coverage curve (Geifman and El-Yaniv 2017,
/// "Selective Classification for Deep Neural Networks", https://arxiv.org/abs/1705.08500).
/// </summary>
/// <param name="Coverage">Share of samples that are answered, in (0, 1].</param>
/// <param name="Threshold">The confidence from which on an answer is given: what <see cref="EmotionScores.TopOrUncertain"/> takes.</param>
/// <param name="Accuracy">Share of the answers that are right, in [0, 1].</param>
/// <param name="Samples">Samples that are answered.</param>
internal sealed record CoveragePoint(double Coverage, double Threshold, double Accuracy, int Samples)
{
    private const int Steps = 10;

    /// <summary>The points nearest above 100 %, 90 %, … 10 %. Where confidences are equal, a point may cover more.</summary>
    /// <param name="samples">Each sample's confidence and whether its prediction is right; at least one.</param>
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
