using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>What a report shows.</summary>
internal sealed record Report
{
    // What fills the page's rows: 12 faces a class in one, or 4 with their maps; 8 mistakes in each of three.
    private const int FacesOfEachClass = 12;
    private const int WorstMistakes = 24;
    private const int MapsOfEachClass = 4;

    public required string Title { get; init; }
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>The training history, first epoch first; empty where the training is not known.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The run's settings: names and values, shown in this order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>Faces of each class; empty to leave pictures out.</summary>
    public IReadOnlyList<ReportFace> Samples { get; init; } = [];

    /// <summary>The most confidently wrong faces, worst first; empty to leave pictures out.</summary>
    public IReadOnlyList<ReportFace> Mistakes { get; init; } = [];

    /// <summary>Where the model looks, for some faces of each class; empty to leave pictures out.</summary>
    public IReadOnlyList<ReportMap> Maps { get; init; } = [];

    /// <summary>A report with faces in it: some of each class, where the model looks in them, and the worst mistakes.</summary>
    /// <param name="probabilities">The probabilities that the evaluation is computed from: float32 [count, 7].</param>
    public Report WithFaces(FaceDataset dataset, float[] probabilities, ScoreFaces score)
    {
        var faces = new ReportFaces(dataset, probabilities);
        return this with
        {
            Samples = faces.OfEachClass(FacesOfEachClass),
            Mistakes = faces.WorstMistakes(WorstMistakes),
            Maps = faces.MapsOfEachClass(MapsOfEachClass, score),
        };
    }

    /// <summary>Writes the report as an HTML page that needs nothing else, and creates its folder where needed.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, ReportPage.ToHtml(this));
}

/// <summary>A face in a report.</summary>
/// <param name="Probability">The predicted class's probability, in [0, 1].</param>
/// <param name="Png">The face as a PNG file's bytes.</param>
internal sealed record ReportFace(string Source, Emotion Label, Emotion Predicted, double Probability, byte[] Png)
{
    public bool IsWrong => Predicted != Label;
}

/// <summary>A face, and where in it a model looks.</summary>
/// <param name="Png">The face with its occlusion-sensitivity map over it, as a PNG file's bytes.</param>
internal sealed record ReportMap(ReportFace Face, byte[] Png);
