using System.Runtime.InteropServices;
using MlNetEmotion.Onnx;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>The weights that a model's file holds.</summary>
internal static class OnnxWeights
{
    /// <summary>Finds the weights of a network.</summary>
    /// <param name="path">A file that Trainer wrote, with that network alone or among others.</param>
    /// <param name="network">The network's name.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX file.</exception>
    /// <exception cref="UsageException">It holds other networks.</exception>
    public static ReadWeights Of(string path, string network)
    {
        IReadOnlyList<(string Network, ReadWeights Weights)> members = All(path);
        return members.FirstOrDefault(member => string.Equals(member.Network, network, StringComparison.OrdinalIgnoreCase)).Weights
            ?? throw new UsageException(
                $"{path}: it holds '{string.Join("', '", members.Select(member => member.Network))}', but '{network}' is to be trained; add --network");
    }

    /// <summary>Finds all networks of a file. Their weights throw <see cref="InvalidDataException"/> where another version of Trainer wrote them.</summary>
    /// <param name="path">A file that Trainer wrote.</param>
    /// <exception cref="InvalidDataException">It is no ONNX file.</exception>
    /// <exception cref="ModelException">It holds a network of another origin.</exception>
    public static IReadOnlyList<(string Network, ReadWeights Weights)> All(string path)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        Dictionary<string, TensorProto> initializers = (model.Graph ?? new GraphProto()).Initializer.ToDictionary(tensor => tensor.Name);
        return [.. OnnxEnsemble.Members(OnnxCalibration.Metadata(model, path)).Select((network, place) =>
            (OnnxEnsemble.Known(network, path), Weights(network, Prefix(place))))];

        string Prefix(int place) => initializers.Keys.Any(name => name.StartsWith(OnnxEnsemble.Prefix(place), StringComparison.Ordinal))
            ? OnnxEnsemble.Prefix(place)
            : "";

        ReadWeights Weights(string network, string prefix) => (name, count) =>
            initializers.TryGetValue(prefix + name, out TensorProto? tensor) && tensor.RawData.Length == count * sizeof(float)
                ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
                : throw new InvalidDataException($"{path}: no '{name}' of {count} numbers; its '{network}' is of another version of Trainer");
    }
}
