using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>Scores faces. Thread-safe.</summary>
internal interface IEmotionModel : IDisposable
{
    /// <summary>The metadata in the model's file; null for an ML.NET pipeline, which has none.</summary>
    ModelMetadata? Metadata => null;

    /// <summary>Scores faces: uint8 [scores.Length, 48, 48], gray.</summary>
    void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores);
}

internal static class EmotionModels
{
    /// <summary>Loads an ONNX file, an ML.NET pipeline (<c>.zip</c>), or the built-in model if the path is null.</summary>
    public static IEmotionModel Load(string? path, int threads)
    {
        var options = new OnnxOptions { Threads = threads };
        return path is null ? new OnnxEmotionModel(EmotionClassifier.LoadDefault(options))
            : path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new PipelineEmotionModel(path)
            : new OnnxEmotionModel(new EmotionClassifier(path, options));
    }

    /// <summary>Reads a model's file, or the built-in model if the path is null.</summary>
    public static byte[] Read(string? path)
    {
        using Stream file = path is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(path);
        return OnnxSession.ReadToEnd(file);
    }
}

internal sealed class OnnxEmotionModel(EmotionClassifier classifier) : IEmotionModel
{
    public ModelMetadata? Metadata => classifier.Metadata;

    public void Score(ReadOnlySpan<byte> faces, Span<EmotionScores> scores) => classifier.ClassifyBatch(faces, scores);

    public void Dispose() => classifier.Dispose();
}
