using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>From a model and labelled faces to figures, their JSON and a report: how evaluating and training both end.</summary>
internal sealed record ModelReview
{
    // Which pixels are noisy and where a face is covered: any number, but always the same.
    private const ulong RobustnessSeed = 1;

    public required FaceDataset Dataset { get; init; }
    public required string Report { get; init; }
    public string? Json { get; init; }
    public bool NoImages { get; init; }
    public bool TestTimeAugmentation { get; init; }
    public bool Robustness { get; init; }

    /// <summary>The report's heading and settings, and the training's history; the rest is filled in.</summary>
    public required Func<EvaluationResult, Report> Describe { get; init; }

    /// <summary>The side of the views' crops; 0 for views of whole faces.</summary>
    public int Crop { get; init; }

    /// <summary>The head for labels of a model that answers otherwise; null for any other.</summary>
    public EmotionClassifier? LabelHead { get; init; }

    /// <summary>What the model was trained on, to find duplicates in; null where that is not known.</summary>
    public FaceDataset? Train { get; init; }

    /// <summary>What the model's calibration is worth on faces that it was not fitted on; null where that is not known.</summary>
    public CalibrationCheck? Calibration { get; init; }

    /// <summary>Times that faces are scored for the figures, for a progress bar.</summary>
    public int Work => Dataset.Count * (1 + (Robustness ? Evaluation.Robustness.FigureCount : 0));

    /// <summary>Scores the faces: their figures, and the probabilities behind them, float32 [count, 7].</summary>
    /// <param name="progress">Told how much of <see cref="Work"/> is done.</param>
    public (EvaluationResult Result, float[] Probabilities) Measure(EmotionClassifier classifier, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ModelEvaluator evaluator = EvaluatorOf(classifier);
        float[] probabilities = evaluator.Predict(Dataset, progress, cancellationToken);
        return (EvaluationResult.Compute(probabilities, Dataset.Labels, Dataset.Unreadable.Count) with
        {
            Calibration = Calibration,
            Votes = VoteFigures.Measure(probabilities, Dataset),
            LabelHead = LabelHead is null ? null : MeasureLabelHead(LabelHead, cancellationToken),
            Duplicates = Train is null ? null : DuplicateFigures.Measure(probabilities, Dataset, Train),
            Robustness = Robustness ? MeasureRobustness(evaluator, progress, cancellationToken) : null,
        }, probabilities);
    }

    /// <summary>Writes what was measured: its JSON, and the report.</summary>
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

    private LabelHeadFigures MeasureLabelHead(EmotionClassifier head, CancellationToken cancellationToken)
    {
        float[] probabilities = EvaluatorOf(head).Predict(Dataset, progress: null, cancellationToken);
        EvaluationResult result = EvaluationResult.Compute(probabilities, Dataset.Labels);
        return new LabelHeadFigures(result.Accuracy, result.MacroF1, result.LogLoss, VoteFigures.Measure(probabilities, Dataset));
    }

    private List<RobustnessFigure> MeasureRobustness(ModelEvaluator evaluator, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var figures = new List<RobustnessFigure>();
        foreach (RobustnessFigure figure in new Robustness(evaluator, RobustnessSeed).Measure(Dataset, cancellationToken))
        {
            figures.Add(figure);
            progress?.Report(Dataset.Count * (1 + figures.Count));
        }

        return figures;
    }
}
