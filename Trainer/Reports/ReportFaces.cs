using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Chooses the faces that a report shows.</summary>
/// <param name="dataset">The evaluated faces.</param>
/// <param name="probabilities">float32 [count, 7].</param>
internal sealed class ReportFaces(FaceDataset dataset, float[] probabilities)
{
    /// <summary>As many faces of each class, spread evenly over the dataset.</summary>
    /// <param name="count">Faces a class, at most.</param>
    public ReportFace[] OfEachClass(int count) =>
    [
        .. Enumerable.Range(0, dataset.Count).GroupBy(i => dataset.Labels[i]).OrderBy(members => members.Key).SelectMany(members =>
        {
            int[] indices = [.. members];
            int shown = Math.Min(count, indices.Length);
            return Enumerable.Range(0, shown).Select(k => Show(indices[(int)((long)k * indices.Length / shown)]));
        }),
    ];

    /// <summary>The wrongly predicted faces of the highest probability, highest first.</summary>
    /// <param name="count">How many at most.</param>
    public ReportFace[] WorstMistakes(int count) =>
    [
        .. Enumerable.Range(0, dataset.Count)
            .Where(i => Predicted(i) != dataset.Labels[i])
            .OrderByDescending(i => Row(i).Max())
            .Take(count)
            .Select(Show),
    ];

    private ArraySegment<float> Row(int index) => new(probabilities, index * Emotions.Count, Emotions.Count);

    private Emotion Predicted(int index) => (Emotion)Row(index).AsSpan().IndexOf(Row(index).Max());

    private ReportFace Show(int index)
    {
        using Mat image = Mat.FromPixels(new ImageView(dataset.Face(index), FacePreprocessor.Size, FacePreprocessor.Size, PixelFormat.Gray8));
        string source = Path.GetFileName(dataset.Sources[index]);
        return new ReportFace(source, dataset.Labels[index], Predicted(index), Row(index).Max(), image.Encode(".png"));
    }
}
