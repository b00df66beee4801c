using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>A classifier's metrics on labelled faces.</summary>
internal sealed record EvaluationResult
{
    /// <summary>The lower bound of probabilities in logarithms, to keep the log loss finite.</summary>
    internal const double MinProbability = 1e-7;

    /// <summary>The number of scored samples.</summary>
    public required int Samples { get; init; }

    /// <summary>Share of samples classified correctly, in [0, 1].</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean F1 over the classes among the true or the predicted labels, as in scikit-learn; in [0, 1].</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The expected calibration error over 15 equal-width bins (Guo et al. 2017); in [0, 1], 0 is perfect.</summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>The accuracy's 95 % confidence interval: [lower, upper] (Wilson's score interval).</summary>
    public required IReadOnlyList<double> ConfidenceInterval95 { get; init; }

    /// <summary>The metrics of each class, in index order.</summary>
    public required IReadOnlyList<ClassMetrics> PerClass { get; init; }

    /// <summary>The number of samples by [true class][predicted class], in index order.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> ConfusionMatrix { get; init; }

    /// <summary>The number of images that could not be read and were not scored.</summary>
    public required int Unreadable { get; init; }

    /// <summary>Accuracy when the least confident predictions are withheld, from 100 % coverage down.</summary>
    public required IReadOnlyList<CoveragePoint> Coverage { get; init; }

    /// <summary>The calibration's cross-fitted error; null if not measured.</summary>
    public CalibrationCheck? Calibration { get; init; }

    /// <summary>The effect of duplicates of training images on accuracy; null if there are no training images to compare with.</summary>
    public DuplicateMetrics? Duplicates { get; init; }

    /// <summary>Accuracy on corrupted images; null if not measured.</summary>
    public IReadOnlyList<RobustnessMetrics>? Robustness { get; init; }

    /// <summary>The same predictions measured against people's votes; null without votes.</summary>
    public VoteMetrics? Votes { get; init; }

    /// <summary>The label head's metrics, if the model has one that is not its main output.</summary>
    public LabelHeadMetrics? LabelHead { get; init; }

    /// <summary>The comparison with another model; null without one.</summary>
    public PairedComparison? Comparison { get; init; }

    /// <summary>The mean negative log-probability of the true class, in nats. Not in the JSON.</summary>
    [JsonIgnore]
    public double LogLoss { get; init; }

    /// <summary>The 15 bins of the reliability diagram, lowest confidence first. Not in the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<ReliabilityBin> ReliabilityBins { get; init; } = [];

    /// <summary>Computes the metrics.</summary>
    /// <param name="probabilities">float32 [n, 7], each row sums to 1. With equal probabilities, the first class is the prediction.</param>
    /// <param name="labels">The n true classes.</param>
    /// <exception cref="ArgumentException">There are no samples, the sizes differ, or a row is not a probability distribution.</exception>
    public static EvaluationResult Compute(ReadOnlySpan<float> probabilities, IReadOnlyList<Emotion> labels, int unreadable = 0)
    {
        if (labels.Count == 0 || probabilities.Length != labels.Count * Emotions.Count)
        {
            throw new ArgumentException(
                $"expected probabilities [n, {Emotions.Count}] for n >= 1 labels, got {probabilities.Length} values for {labels.Count} labels",
                nameof(probabilities));
        }

        var confusion = new int[Emotions.Count, Emotions.Count];
        var answers = new (float Confidence, bool IsCorrect)[labels.Count];
        double logLossSum = 0;
        for (int i = 0; i < labels.Count; i++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(i * Emotions.Count, Emotions.Count);
            int label = (int)labels[i];
            int predicted = ArgMax(row, i);
            confusion[label, predicted]++;
            answers[i] = (row[predicted], predicted == label);
            logLossSum -= Math.Log(Math.Max(row[label], MinProbability));
        }

        ReliabilityBin[] bins = Reliability.Bins(answers.Select(answer => (answer.Confidence, answer.IsCorrect ? 1.0 : 0)));
        return FromCounts(confusion, bins, CoveragePoint.Curve(answers), logLossSum / labels.Count, unreadable);
    }

    /// <summary>Returns the class with a row's highest probability, the first of equals; probabilities are float32 [n, 7].</summary>
    internal static Emotion Predicted(float[] probabilities, int row) =>
        (Emotion)ArgMax(probabilities.AsSpan(row * Emotions.Count, Emotions.Count), row);

    /// <summary>Returns whether each face is classified correctly; probabilities are float32 [n, 7].</summary>
    internal static bool[] AreCorrect(float[] probabilities, IReadOnlyList<Emotion> labels) => [.. labels.Select((label, row) => Predicted(probabilities, row) == label)];

    /// <summary>Returns the evaluation as JSON: camelCase, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationResult);

    /// <summary>Returns the index of the highest probability, the first of equals. The row, float32 [7], must sum to 1; <paramref name="sample"/> is for the
    /// message.</summary>
    private static int ArgMax(ReadOnlySpan<float> row, int sample)
    {
        // The tolerance is bfloat16's precision. NaN is rejected too.
        float sum = TensorPrimitives.Sum(row);
        return Math.Abs(sum - 1) <= 0.01f
            ? TensorPrimitives.IndexOfMax(row)
            : throw new ArgumentException($"probabilities of sample {sample} sum to {sum}, expected 1", nameof(row));
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
        return new EvaluationResult
        {
            Samples = samples,
            Accuracy = (double)correct / samples,
            MacroF1 = classes.Where(c => support[c] + predicted[c] > 0).Average(c => perClass[c].F1),
            ExpectedCalibrationError = Reliability.ExpectedCalibrationError(bins),
            ConfidenceInterval95 = WilsonInterval.At95Percent(correct, samples),
            PerClass = perClass,
            ConfusionMatrix = [.. classes.Select(t => (int[])[.. classes.Select(p => confusion[t, p])])],
            Unreadable = unreadable,
            Coverage = coverage,
            LogLoss = logLoss,
            ReliabilityBins = bins,
        };
    }
}

/// <summary>The JSON form of an <see cref="EvaluationResult"/>: camelCase, indented, without values that were not measured.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;

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
