using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>The content of a report.</summary>
internal sealed record Report
{
    // Numbers that fill the page's rows: 12 faces per class, 4 with their maps, 3 rows of 8 mistakes.
    private const int FacesPerClass = 12;
    private const int WorstMistakes = 24;
    private const int MapsPerClass = 4;

    public required string Title { get; init; }
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>The training history, first epoch first; empty if unknown.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The run's settings: names and values, in order of display.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>Faces of each class; empty to leave out images.</summary>
    public IReadOnlyList<ReportFace> Samples { get; init; } = [];

    /// <summary>The most confidently wrong faces, worst first; empty to leave out images.</summary>
    public IReadOnlyList<ReportFace> Mistakes { get; init; } = [];

    /// <summary>Sensitivity maps of some faces of each class; empty to leave out images.</summary>
    public IReadOnlyList<ReportMap> Maps { get; init; } = [];

    /// <summary>Returns the report with faces: some of each class, some with sensitivity maps, and the worst mistakes.</summary>
    /// <param name="probabilities">The evaluated probabilities: float32 [count, 7].</param>
    public Report WithFaces(FaceDataset dataset, float[] probabilities, ScoreFaces score)
    {
        var faces = new ReportFaces(dataset, probabilities);
        return this with
        {
            Samples = faces.FacesPerClass(FacesPerClass),
            Mistakes = faces.WorstMistakes(WorstMistakes),
            Maps = faces.MapsPerClass(MapsPerClass, score),
        };
    }

    /// <summary>Writes the report as a self-contained HTML page; creates its folder if needed.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, ReportPage.ToHtml(this));
}

/// <summary>A face in a report.</summary>
/// <param name="Probability">The predicted class's probability, in [0, 1].</param>
/// <param name="Png">The face as a PNG file's bytes.</param>
internal sealed record ReportFace(string Source, Emotion Label, Emotion Predicted, double Probability, byte[] Png)
{
    public bool IsWrong => Predicted != Label;
}

/// <summary>A face with its sensitivity map.</summary>
/// <param name="Png">The face with its map over it, as a PNG file's bytes.</param>
internal sealed record ReportMap(ReportFace Face, byte[] Png);
