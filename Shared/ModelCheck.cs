using MlNetEmotion.OnnxRuntime;

namespace MlNetEmotion;

/// <summary>Holds a loaded model against <see cref="ModelContract"/>.</summary>
internal static class ModelCheck
{
    private const string Remedy = "export it again with 'Trainer export'.";

    /// <summary>Reads an emotion model's metadata.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ModelException">It is not an emotion model.</exception>
    public static ModelMetadata Check(InferenceSession model, string name)
    {
        if (model.Inputs.Count != 1)
        {
            throw new ModelException($"{name}: {model.Inputs.Count} inputs, expected only '{ModelContract.InputName}'; {Remedy}");
        }

        TensorInfo input = CheckTensor(model.Inputs, "input", ModelContract.InputName, ModelContract.InputShape, name);
        TensorInfo output = CheckTensor(model.Outputs, "output", ModelContract.OutputName, ModelContract.OutputShape, name);
        if (input.Shape[0] != output.Shape[0])
        {
            throw new ModelException($"{name}: input {input.ShapeText} and output {output.ShapeText} have different batch sizes; {Remedy}");
        }

        var metadata = ModelMetadata.FromProperties(model.Metadata, name);
        CheckProperty(ModelContract.LabelsKey, string.Join(',', metadata.Labels), string.Join(',', Emotions.Labels), name);
        CheckProperty(ModelContract.InputKey, metadata.InputDescription, ModelContract.InputDescription, name);
        return metadata;
    }

    private static TensorInfo CheckTensor(
        IReadOnlyList<TensorInfo> tensors, string kind, string tensorName, IReadOnlyList<long> shape, string name)
    {
        TensorInfo tensor = tensors.FirstOrDefault(tensor => tensor.Name == tensorName)
            ?? throw new ModelException(
                $"{name}: {kind} {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}, expected '{tensorName}'; {Remedy}");
        if (tensor.ElementType != TensorElementType.Float32)
        {
            throw new ModelException($"{name}: {kind} '{tensorName}' is {tensor.ElementType}, expected {TensorElementType.Float32}; {Remedy}");
        }

        if (tensor.Shape.Length != shape.Count || tensor.Shape[0] is not (-1 or 1) || !tensor.Shape.Skip(1).SequenceEqual(shape.Skip(1)))
        {
            string expected = new TensorInfo(tensorName, TensorElementType.Float32, [.. shape]).ShapeText;
            throw new ModelException($"{name}: {kind} '{tensorName}' is {tensor.ShapeText}, expected {expected}; {Remedy}");
        }

        return tensor;
    }

    private static void CheckProperty(string key, string found, string expected, string name)
    {
        if (found != expected)
        {
            string was = found.Length == 0 ? "missing" : $"'{found}'";
            throw new ModelException($"{name}: metadata '{key}' is {was}, expected '{expected}'; {Remedy}");
        }
    }
}
