using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>What a classifier's probabilities are worth against the true labels.</summary>
internal sealed record EvaluationResult
{
    /// <summary>A probability of 0 for the true class would make the log loss infinite.</summary>
    internal const double SmallestProbability = 1e-7;

    /// <summary>Samples that were scored.</summary>
    public required int Samples { get; init; }

    /// <summary>Share of samples classified correctly, in [0, 1].</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean F1 of the classes that occur among the true or the predicted labels, as scikit-learn has it; in [0, 1].</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The gap between confidence and accuracy over 15 equal-width bins (Guo et al. 2017); in [0, 1], 0 is perfect.</summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>[lower, upper] ends of the accuracy's 95 % confidence interval (Wilson's score interval).</summary>
    public required IReadOnlyList<double> ConfidenceInterval95 { get; init; }

    /// <summary>The classes' own metrics, in index order.</summary>
    public required IReadOnlyList<ClassMetrics> PerClass { get; init; }

    /// <summary>Samples [true class][predicted class], in index order.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> ConfusionMatrix { get; init; }

    /// <summary>Images that could not be read, and so were not scored.</summary>
    public required int Unreadable { get; init; }

    /// <summary>Accuracy where the least confident answers are withheld, from 100 % coverage down.</summary>
    public required IReadOnlyList<CoveragePoint> Coverage { get; init; }

    /// <summary>What calibrating is worth on samples that it was not fitted on; null where it was not measured.</summary>
    public CalibrationCheck? Calibration { get; init; }

    /// <summary>What duplicates of training images do to the accuracy; null where there was nothing to compare with.</summary>
    public DuplicateFigures? Duplicates { get; init; }

    /// <summary>Accuracy on images that are worse than the given ones; null where it was not measured.</summary>
    public IReadOnlyList<RobustnessFigure>? Robustness { get; init; }

    /// <summary>The same answers against people's votes; null where there are none.</summary>
    public VoteFigures? Votes { get; init; }

    /// <summary>What the head for labels is worth, where the model has one that is not its answer.</summary>
    public LabelHeadFigures? LabelHead { get; init; }

    /// <summary>Mean negative logarithm of the true class's probability, in nats. Not part of the JSON.</summary>
    [JsonIgnore]
    public double LogLoss { get; init; }

    /// <summary>The 15 bars of the reliability diagram, lowest confidence first. Not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<ReliabilityBin> ReliabilityBins { get; init; } = [];

    /// <summary>Compares probabilities with true labels.</summary>
    /// <param name="probabilities">float32 [n, 7], each row sums to 1. Of equal largest probabilities the first is the prediction.</param>
    /// <param name="labels">The n true classes.</param>
    /// <param name="unreadable">Images that could not be read.</param>
    /// <exception cref="ArgumentException">There are no samples, the sizes differ, or a row is no probability distribution.</exception>
    public static EvaluationResult Compute(ReadOnlySpan<float> probabilities, IReadOnlyList<Emotion> labels, int unreadable = 0)
    {
        if (labels.Count == 0 || probabilities.Length != labels.Count * Emotions.Count)
        {
            throw new ArgumentException(
                $"expected probabilities [n, {Emotions.Count}] for n >= 1 labels, got {probabilities.Length} values for {labels.Count} labels",
                nameof(probabilities));
        }

        var confusion = new int[Emotions.Count, Emotions.Count];
        var reliability = new Reliability();
        var answers = new (float Confidence, bool IsCorrect)[labels.Count];
        double logLossSum = 0;
        for (int i = 0; i < labels.Count; i++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(i * Emotions.Count, Emotions.Count);
            int label = (int)labels[i];
            int predicted = ArgMax(row, i);
            confusion[label, predicted]++;
            reliability.Add(row[predicted], predicted == label ? 1 : 0);
            answers[i] = (row[predicted], predicted == label);
            logLossSum -= Math.Log(Math.Max(row[label], SmallestProbability));
        }

        return FromCounts(confusion, reliability.Bins(), CoveragePoint.Curve(answers), logLossSum / labels.Count, unreadable);
    }

    /// <summary>The class of a row's largest probability, the first of equals.</summary>
    /// <param name="probabilities">float32 [n, 7].</param>
    /// <param name="row">From 0 to n - 1.</param>
    internal static Emotion Predicted(float[] probabilities, int row) =>
        (Emotion)ArgMax(probabilities.AsSpan(row * Emotions.Count, Emotions.Count), row);

    /// <summary>The evaluation JSON, camelCase, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationResult);

    /// <summary>The index of the largest probability, the first of equals.</summary>
    /// <param name="row">float32 [7], sums to 1.</param>
    /// <param name="sample">Which sample it is, for the message.</param>
    private static int ArgMax(ReadOnlySpan<float> row, int sample)
    {
        int best = 0;
        double sum = 0;
        for (int j = 0; j < row.Length; j++)
        {
            sum += row[j];
            best = row[j] > row[best] ? j : best;
        }

        // The tolerance is bfloat16's precision; the negated form also refuses NaN.
        if (!(Math.Abs(sum - 1) <= 0.01))
        {
            throw new ArgumentException($"probabilities of sample {sample} sum to {sum}, expected 1", nameof(row));
        }

        return best;
    }

    private static EvaluationResult FromCounts(
        int[,] confusion, ReliabilityBin[] bins, CoveragePoint[] coverage, double logLoss, int unreadable)
    {
        int[] classes = [.. Enumerable.Range(0, Emotions.Count)];
        int[] support = [.. classes.Select(t => classes.Sum(p => confusion[t, p]))];
        int[] predicted = [.. classes.Select(p => classes.Sum(t => confusion[t, p]))];
        ClassMetrics[] perClass =
            [.. classes.Select(c => ClassMetrics.FromCounts(Emotions.Labels[c], confusion[c, c], predicted[c], support[c]))];
        int samples = support.Sum();
        int correct = classes.Sum(c => confusion[c, c]);
        (double lower, double upper) = WilsonInterval.At95Percent(correct, samples);
        return new EvaluationResult
        {
            Samples = samples,
            Accuracy = (double)correct / samples,
            MacroF1 = classes.Where(c => support[c] + predicted[c] > 0).Average(c => perClass[c].F1),
            ExpectedCalibrationError = Reliability.ExpectedCalibrationError(bins),
            ConfidenceInterval95 = [lower, upper],
            PerClass = perClass,
            ConfusionMatrix = [.. classes.Select(t => (int[])[.. classes.Select(p => confusion[t, p])])],
            Unreadable = unreadable,
            Coverage = coverage,
            LogLoss = logLoss,
            ReliabilityBins = bins,
        };
    }
}
