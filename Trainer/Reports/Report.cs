using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>What a report shows.</summary>
public sealed record Report
{
    /// <summary>The page's heading.</summary>
    public required string Title { get; init; }

    /// <summary>The figures.</summary>
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>The training history, first epoch first; empty where the training is not known.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The run's settings: names and values, shown in this order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>Faces of each class; empty to leave pictures out.</summary>
    public IReadOnlyList<ReportFace> Samples { get; init; } = [];

    /// <summary>The most confidently wrong faces, worst first; empty to leave pictures out.</summary>
    public IReadOnlyList<ReportFace> Mistakes { get; init; } = [];
}
