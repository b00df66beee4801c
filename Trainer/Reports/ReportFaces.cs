using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Selects the faces of a report.</summary>
/// <param name="probabilities">float32 [count, 7].</param>
internal sealed class ReportFaces(FaceDataset dataset, float[] probabilities)
{
    /// <summary>Returns up to <c>count</c> faces of each class, evenly spaced over the dataset.</summary>
    public ReportFace[] FacesPerClass(int count) => [.. IndicesPerClass(count).Select(Show)];

    /// <summary>Returns up to <c>count</c> faces of each class with their occlusion-sensitivity maps.</summary>
    public ReportMap[] MapsPerClass(int count, ScoreFaces score) =>
    [
        .. IndicesPerClass(count).Select(i => new ReportMap(
            Show(i),
            FacePng.Encode(dataset.Face(i), OcclusionSensitivity.Map(score, dataset.Face(i), Predicted(i))))),
    ];

    /// <summary>Returns the wrongly predicted faces with the highest confidence, highest first.</summary>
    public ReportFace[] WorstMistakes(int count) =>
    [
        .. Enumerable.Range(0, dataset.Count)
            .Where(i => Predicted(i) != dataset.Labels[i])
            .OrderByDescending(i => Row(i).Max())
            .Take(count)
            .Select(Show),
    ];

    private int[] IndicesPerClass(int count) =>
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
