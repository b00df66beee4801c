using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Evaluates a model and writes the JSON metrics and the HTML report; shared by <c>evaluate</c> and <c>train</c>.</summary>
internal sealed record ModelReview
{
    // Any fixed seed will do.
    private const ulong RobustnessSeed = 1;

    public required FaceDataset Dataset { get; init; }
    public required string Report { get; init; }
    public string? Json { get; init; }
    public bool NoImages { get; init; }
    public bool TestTimeAugmentation { get; init; }
    public bool Robustness { get; init; }

    /// <summary>Creates the report with title, settings and training history; the rest is filled in.</summary>
    public required Func<EvaluationResult, Report> Describe { get; init; }

    /// <summary>The side of the crops for test-time augmentation; 0 for shifted faces.</summary>
    public int Crop { get; init; }

    /// <summary>The label head of a model with another main output; null for other models.</summary>
    public EmotionClassifier? LabelHead { get; init; }

    /// <summary>Another model to compare with, by its name; null for none.</summary>
    public (string Name, EmotionClassifier Classifier)? Against { get; init; }

    /// <summary>The training faces, to find duplicates in; null if unknown.</summary>
    public FaceDataset? Train { get; init; }

    /// <summary>The calibration's cross-fitted error; null if not measured.</summary>
    public CalibrationCheck? Calibration { get; init; }

    /// <summary>The same of <see cref="LabelHead"/>.</summary>
    public CalibrationCheck? LabelCalibration { get; init; }

    /// <summary>The number of faces to score, including each corruption, for a progress bar.</summary>
    public int Work => Dataset.Count * (1 + (Robustness ? Evaluation.Robustness.ConditionCount : 0));

    /// <summary>Scores the faces; returns the metrics and the probabilities, float32 [count, 7].</summary>
    /// <param name="progress">Receives the number of scored faces, out of <see cref="Work"/>.</param>
    public (EvaluationResult Result, float[] Probabilities) Measure(EmotionClassifier classifier, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ModelEvaluator evaluator = EvaluatorOf(classifier);
        float[] probabilities = evaluator.Predict(Dataset, progress, cancellationToken);
        return (EvaluationResult.Compute(probabilities, Dataset.Labels, Dataset.Unreadable.Count) with
        {
            Calibration = Calibration,
            Comparison = Against is not { } other ? null
                : PairedComparison.Measure(other.Name, probabilities, EvaluatorOf(other.Classifier).Predict(Dataset, progress: null, cancellationToken), Dataset),
            Votes = VoteMetrics.Measure(probabilities, Dataset),
            LabelHead = LabelHead is null ? null : MeasureLabelHead(LabelHead, cancellationToken),
            Duplicates = Train is null ? null : DuplicateMetrics.Measure(probabilities, Dataset, Train),
            Robustness = Robustness ? [.. new Robustness(evaluator, RobustnessSeed).Measure(Dataset, progress, cancellationToken)] : null,
        }, probabilities);
    }

    /// <summary>Writes the JSON and the report.</summary>
    public void Write(EmotionClassifier classifier, EvaluationResult result, float[] probabilities)
    {
        if (Json is { } file)
        {
            AtomicFile.WriteText(file, result.ToJson());
        }

        Report report = Describe(result);
        (NoImages ? report : report.WithFaces(Dataset, probabilities, classifier.ClassifyBatch)).Write(Report);
    }

    private ModelEvaluator EvaluatorOf(EmotionClassifier classifier) =>
        new(classifier.ClassifyBatch) { TestTimeAugmentation = TestTimeAugmentation, Crop = Crop };

    private LabelHeadMetrics MeasureLabelHead(EmotionClassifier head, CancellationToken cancellationToken)
    {
        float[] probabilities = EvaluatorOf(head).Predict(Dataset, progress: null, cancellationToken);
        EvaluationResult result = EvaluationResult.Compute(probabilities, Dataset.Labels);
        return new LabelHeadMetrics(
            result.Accuracy, result.MacroF1, result.LogLoss, result.ExpectedCalibrationError, VoteMetrics.Measure(probabilities, Dataset), LabelCalibration);
    }
}
