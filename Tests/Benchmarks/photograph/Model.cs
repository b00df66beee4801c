using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;

namespace MlNetEmotion.Benchmarks;

/// <summary>A model's answers to a set of faces.</summary>
/// <param name="Probabilities">float32 [count, 7].</param>
/// <param name="Labels">The label head's, of the same shape; null if the model has none.</param>
internal sealed record Answers(FaceDataset Faces, float[] Probabilities, float[]? Labels)
{
    public Answers Of(int[] rows) => new(Faces.Select(rows), CalibrationCheck.Rows(Probabilities, rows), Labels is null ? null : CalibrationCheck.Rows(Labels, rows));

    public bool[] AreAgreed => [.. Enumerable.Range(0, Faces.Count).Select(i => EvaluationResult.Predicted(Probabilities, i) == Faces.Votes![i]?.Majority())];

    public bool[] AreLabelled(float[] answers) => [.. Enumerable.Range(0, Faces.Count).Select(i => EvaluationResult.Predicted(answers, i) == Faces.Labels[i])];

    /// <summary>Faces as they were scored, evenly spaced.</summary>
    public byte[][] Some(int count) => [.. Enumerable.Range(0, count).Select(i => Faces.Face(Faces.Count * i / count).ToArray())];

    public static string Share(bool[] right) => right.Length == 0 ? "–" : $"{100.0 * right.Count(one => one) / right.Length:0.0} %";
}

/// <summary>Both heads of a model.</summary>
internal sealed class Model(string? path) : IDisposable
{
    // Three of the classifier's batches: the answers do not depend on the number of cores.
    private const int FacesAtOnce = 96;

    private readonly EmotionClassifier main = Load(path, EmotionHead.Default);
    private EmotionClassifier? labels;

    public Answers Score(FaceDataset faces, bool withLabels = true)
    {
        labels ??= main.HasLabelHead ? Load(path, EmotionHead.Labels) : null;
        return new(faces, Predict(main, faces), labels is null || !withLabels ? null : Predict(labels, faces));
    }

    public void Dispose()
    {
        main.Dispose();
        labels?.Dispose();
    }

    private static EmotionClassifier Load(string? path, EmotionHead head)
    {
        var onnx = new OnnxOptions { Threads = 1 };
        return path is null ? EmotionClassifier.LoadDefault(onnx, head) : new EmotionClassifier(path, onnx, head);
    }

    private static float[] Predict(EmotionClassifier classifier, FaceDataset faces) =>
        [.. Enumerable.Range(0, faces.Count).Chunk(FacesAtOnce).AsParallel().AsOrdered().SelectMany(rows => new ModelEvaluator(classifier.ClassifyBatch).Predict(faces.Select(rows)))];
}
