using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>Scores faces. Thread-safe.</summary>
internal interface IEmotionModel : IDisposable
{
    /// <summary>What the model's file says of itself; null for a pipeline, which says nothing.</summary>
    ModelMetadata? Metadata => null;

    /// <summary>Scores uint8 [scores, 48, 48] gray faces.</summary>
    void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores);
}

internal static class EmotionModels
{
    /// <summary>Loads an ONNX file, an ML.NET pipeline (<c>.zip</c>), or for null the model that comes with the
    /// program.</summary>
    public static IEmotionModel Load(string? path, int threads)
    {
        var options = new OnnxOptions { Threads = threads };
        return path is null ? new OnnxEmotionModel(EmotionClassifier.LoadDefault(options))
            : path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new PipelineEmotionModel(path)
            : new OnnxEmotionModel(new EmotionClassifier(path, options));
    }
}

internal sealed class OnnxEmotionModel(EmotionClassifier classifier) : IEmotionModel
{
    public ModelMetadata? Metadata => classifier.Metadata;

    public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores) => classifier.ClassifyBatch(faces, scores);

    public void Dispose() => classifier.Dispose();
}
