using System.Runtime.InteropServices;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>The weights that a model's file holds.</summary>
internal static class OnnxWeights
{
    /// <summary>Finds the weights of a network.</summary>
    /// <param name="path">A file that Trainer wrote, with that network alone or among others.</param>
    /// <param name="network">The network's name.</param>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or holds another version of the network.</exception>
    /// <exception cref="UsageException">It holds other networks.</exception>
    public static ReadWeights Of(string path, string network)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        string[] members = OnnxEnsemble.Members(OnnxCalibration.Metadata(model, path));
        int place = Array.FindIndex(members, member => string.Equals(member, network, StringComparison.OrdinalIgnoreCase));
        if (place < 0)
        {
            throw new UsageException($"{path}: it holds '{string.Join("', '", members)}', but '{network}' is to be trained; add --network");
        }

        Dictionary<string, TensorProto> initializers = model.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        string prefix = OnnxEnsemble.Prefix(place);
        prefix = initializers.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)) ? prefix : "";
        return (name, count) => initializers.TryGetValue(prefix + name, out TensorProto? tensor) && tensor.RawData.Length == count * sizeof(float)
            ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
            : throw new InvalidDataException($"{path}: no '{name}' of {count} numbers; its '{network}' is of another version of Trainer");
    }
}
