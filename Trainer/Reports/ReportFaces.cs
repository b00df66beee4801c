using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Chooses the faces that a report shows.</summary>
/// <param name="probabilities">float32 [count, 7].</param>
internal sealed class ReportFaces(FaceDataset dataset, float[] probabilities)
{
    /// <summary>As many faces of each class, spread evenly over the dataset.</summary>
    public ReportFace[] OfEachClass(int count) => [.. IndicesOfEachClass(count).Select(Show)];

    /// <summary>As many faces of each class, with what their predicted class's probability depends on.</summary>
    public ReportMap[] MapsOfEachClass(int count, ScoreFaces score) =>
    [
        .. IndicesOfEachClass(count).Select(i => new ReportMap(
            Show(i),
            FacePng.Encode(dataset.Face(i), OcclusionSensitivity.Map(score, dataset.Face(i), Predicted(i))))),
    ];

    /// <summary>The wrongly predicted faces of the highest probability, highest first.</summary>
    public ReportFace[] WorstMistakes(int count) =>
    [
        .. Enumerable.Range(0, dataset.Count)
            .Where(i => Predicted(i) != dataset.Labels[i])
            .OrderByDescending(i => Row(i).Max())
            .Take(count)
            .Select(Show),
    ];

    private int[] IndicesOfEachClass(int count) =>
    [
        .. Enumerable.Range(0, dataset.Count).GroupBy(i => dataset.Labels[i]).OrderBy(members => members.Key).SelectMany(members =>
        {
            int[] indices = [.. members];
            int shown = Math.Min(count, indices.Length);
            return Enumerable.Range(0, shown).Select(k => indices[(int)((long)k * indices.Length / shown)]);
        }),
    ];

    private ArraySegment<float> Row(int index) => new(probabilities, index * Emotions.Count, Emotions.Count);

    private Emotion Predicted(int index) => EvaluationResult.Predicted(probabilities, index);

    private ReportFace Show(int index) => new(
        Path.GetFileName(dataset.Sources[index]), dataset.Labels[index], Predicted(index), Row(index).Max(), FacePng.Encode(dataset.Face(index)));
}
