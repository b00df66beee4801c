namespace MlNetEmotion;

/// <summary>What an emotion model's ONNX file must be. Trainer writes files by it, <see cref="EmotionClassifier"/> refuses others.</summary>
public static class ModelContract
{
    /// <summary>The input: float32 [N, 1, 48, 48], gray, each in [0, 255]. Normalization is the graph's own work.</summary>
    public const string InputName = "image";

    /// <summary>The output: float32 [N, 7], softmax, in the order of <see cref="Emotion"/>.</summary>
    public const string OutputName = "probabilities";

    /// <summary>The operator set: the oldest of those (13 to 17) that everybody who reads such files knows.</summary>
    public const int Opset = 13;

    /// <summary>The file format's version that came with <see cref="Opset"/>.</summary>
    public const int IrVersion = 7;

    /// <summary>What <see cref="InputKey"/> must say: how pixels are to be prepared. Other ways need another preprocessing.</summary>
    public const string InputDescription = "float32 [N, 1, 48, 48], gray (BT.601 luma), 0 to 255";

    /// <summary>Metadata property: the labels in index order, separated by commas. Required.</summary>
    public const string LabelsKey = "labels";

    /// <summary>Metadata property: how the input is to be prepared. Required to be <see cref="InputDescription"/>.</summary>
    public const string InputKey = "input";

    /// <summary>Metadata property: the network's name.</summary>
    public const string NetworkKey = "network";

    /// <summary>Metadata property: which data trained it.</summary>
    public const string TrainingDataKey = "training_data";

    /// <summary>Metadata property: measured figures, a JSON object of numbers.</summary>
    public const string FiguresKey = "figures";

    /// <summary>Metadata property: the version of MlNetEmotion that wrote the file.</summary>
    public const string VersionKey = "version";

    /// <summary>The input's sizes, outermost first; -1 for N, which is free (or 1).</summary>
    public static IReadOnlyList<long> InputShape { get; } = Array.AsReadOnly<long>([-1, 1, Imaging.FacePreprocessor.Size, Imaging.FacePreprocessor.Size]);

    /// <summary>The output's sizes, outermost first; -1 for N, which is free (or 1).</summary>
    public static IReadOnlyList<long> OutputShape { get; } = Array.AsReadOnly<long>([-1, Emotions.Count]);
}
