using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MlNetEmotion;

/// <summary>The contract of an emotion model's ONNX file: Trainer writes such files, <see cref="EmotionClassifier"/> accepts no others.</summary>
internal static class EmotionModel
{
    /// <summary>The input's name: float32 [N, 1, 48, 48], gray, in [0, 255]. The graph normalizes it.</summary>
    public const string InputName = "image";

    /// <summary>The output's name: float32 [N, 7], softmax, in the order of <see cref="Emotion"/>.</summary>
    public const string OutputName = "probabilities";

    /// <summary>The name of the optional second head, of models trained on people's votes: the label that FER2013 would give the face, float32 [N, 7],
    /// softmax.</summary>
    public const string LabelsOutputName = "labels";

    /// <summary>The operator set: the oldest of those (13 to 17) that all common runtimes support.</summary>
    public const int Opset = 13;

    /// <summary>The file format's version that came with <see cref="Opset"/>.</summary>
    public const int IrVersion = 7;

    /// <summary>The required value of <see cref="InputKey"/>. A model with any other value needs a different preprocessing.</summary>
    public const string InputDescription = "float32 [N, 1, 48, 48], gray (BT.601 luma), 0 to 255";

    /// <summary>Metadata property: the labels in index order, separated by commas. Required.</summary>
    public const string LabelsKey = "labels";

    /// <summary>Metadata property: the input's preprocessing. Must be <see cref="InputDescription"/>.</summary>
    public const string InputKey = "input";

    /// <summary>Metadata property: the network's name.</summary>
    public const string NetworkKey = "network";

    /// <summary>Metadata property: the training data.</summary>
    public const string TrainingDataKey = "training_data";

    /// <summary>Metadata property: measured figures, a JSON object of numbers.</summary>
    public const string FiguresKey = "figures";

    /// <summary>Metadata property: the version of MlNetEmotion that wrote the file.</summary>
    public const string VersionKey = "version";

    internal const string Remedy = "export it again with 'Trainer export', or wrap another system's model with 'Trainer adopt'.";

    /// <summary>The input's shape, outermost axis first; -1 for N, which is free or 1.</summary>
    public static IReadOnlyList<long> InputShape { get; } = Array.AsReadOnly<long>([-1, 1, FacePreprocessor.Size, FacePreprocessor.Size]);

    /// <summary>The output's shape, outermost axis first; -1 for N, which is free or 1.</summary>
    public static IReadOnlyList<long> OutputShape { get; } = Array.AsReadOnly<long>([-1, Emotions.Count]);

    /// <summary>The name of a head's output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a head.</exception>
    internal static string OutputOf(EmotionHead head) => head switch
    {
        EmotionHead.Default => OutputName,
        EmotionHead.Labels => LabelsOutputName,
        _ => throw new ArgumentOutOfRangeException(nameof(head), head, "not a head"),
    };

    /// <summary>Checks a model against this contract and returns its metadata.</summary>
    /// <param name="anyBatch">Whether to accept a fixed batch size other than 1, as OpenCV's DNN module may need.</param>
    /// <param name="output">The output to check; all heads have the same shape.</param>
    /// <exception cref="ModelException">The file is not an emotion model.</exception>
    internal static ModelMetadata Check(InferenceSession model, string name, bool anyBatch = false, string output = OutputName)
    {
        if (model.InputNames.Count != 1)
        {
            throw new ModelException($"{name}: {model.InputNames.Count} inputs, expected only '{InputName}'; {Remedy}");
        }

        int[] inputShape = CheckTensor(model.InputMetadata, "input", InputName, InputShape, name, anyBatch);
        int[] outputShape = CheckTensor(model.OutputMetadata, "output", output, OutputShape, name, anyBatch);
        if (inputShape[0] != outputShape[0])
        {
            throw new ModelException($"{name}: input {ShapeText(inputShape)} and output {ShapeText(outputShape)} have different batch sizes; {Remedy}");
        }

        var metadata = ModelMetadata.FromProperties(model.ModelMetadata.CustomMetadataMap, name);
        CheckProperty(LabelsKey, string.Join(',', metadata.Labels), string.Join(',', Emotions.Labels), name);
        CheckProperty(InputKey, metadata.InputDescription, InputDescription, name);
        return metadata;
    }

    private static int[] CheckTensor(IReadOnlyDictionary<string, NodeMetadata> tensors, string kind, string tensorName, IReadOnlyList<long> shape, string name, bool anyBatch)
    {
        if (!tensors.TryGetValue(tensorName, out NodeMetadata? tensor))
        {
            throw new ModelException($"{name}: {kind} {string.Join(", ", tensors.Keys.Select(key => $"'{key}'"))}, expected '{tensorName}'; {Remedy}");
        }

        if (!tensor.IsTensor || tensor.ElementDataType != TensorElementType.Float)
        {
            throw new ModelException(
                $"{name}: {kind} '{tensorName}' is {(tensor.IsTensor ? tensor.ElementDataType : tensor.OnnxValueType)}, expected Float32; {Remedy}");
        }

        int[] found = tensor.Dimensions;
        if (found.Length != shape.Count || (found[0] is not (-1 or 1) && !anyBatch) || !found.Skip(1).SequenceEqual(shape.Skip(1).Select(size => (int)size)))
        {
            throw new ModelException($"{name}: {kind} '{tensorName}' is {ShapeText(found)}, expected {ShapeText([.. shape.Select(size => (int)size)])}; {Remedy}");
        }

        return found;
    }

    // Such as [N, 1, 48, 48]; a question mark for any other free axis.
    private static string ShapeText(int[] shape) =>
        $"[{string.Join(", ", shape.Select((size, axis) => size >= 0 ? $"{size}" : axis == 0 ? "N" : "?"))}]";

    private static void CheckProperty(string key, string found, string expected, string name)
    {
        if (found != expected)
        {
            string was = found.Length == 0 ? "missing" : $"'{found}'";
            throw new ModelException($"{name}: metadata '{key}' is {was}, expected '{expected}'; {Remedy}");
        }
    }
}
