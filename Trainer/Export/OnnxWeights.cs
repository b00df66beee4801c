using System.Runtime.InteropServices;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Trainer.Export;

/// <summary>A network's weights in a file that Trainer wrote, alone or among others.</summary>
internal sealed class OnnxWeights
{
    private readonly Dictionary<string, TensorProto> initializers;
    private readonly string path;
    private readonly string prefix;

    private OnnxWeights(Dictionary<string, TensorProto> initializers, string network, string path, int place)
    {
        (this.initializers, this.path, Network) = (initializers, path, network);
        prefix = initializers.Keys.Any(name => name.StartsWith(OnnxEnsemble.Prefix(place), StringComparison.Ordinal)) ? OnnxEnsemble.Prefix(place) : "";
    }

    /// <summary>Gets the network's name.</summary>
    public string Network { get; }

    /// <summary>Gets whether it has a second head, for people's votes.</summary>
    public bool HasVotes => initializers.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal) && key.EndsWith(".votes.weight", StringComparison.Ordinal));

    /// <summary>Finds the weights of a network.</summary>
    /// <exception cref="InvalidDataException">The file is no ONNX file.</exception>
    /// <exception cref="UsageException">It holds other networks.</exception>
    public static OnnxWeights Of(string path, string network)
    {
        OnnxWeights[] members = All(path);
        return members.FirstOrDefault(member => string.Equals(member.Network, network, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(
                $"{path}: it holds '{string.Join("', '", members.Select(member => member.Network))}', but '{network}' is to be trained; add --network");
    }

    /// <summary>Finds all networks of a file.</summary>
    /// <exception cref="InvalidDataException">It is no ONNX file.</exception>
    /// <exception cref="ModelException">It holds a network of another origin.</exception>
    public static OnnxWeights[] All(string path)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        Dictionary<string, TensorProto> initializers = (model.Graph ?? new GraphProto()).Initializer.ToDictionary(tensor => tensor.Name);
        return [.. OnnxEnsemble.Members(OnnxCalibration.Metadata(model, path)).Select((network, place) =>
            new OnnxWeights(initializers, OnnxEnsemble.Known(network, path), path, place))];
    }

    /// <summary>Puts the weights into a network.</summary>
    /// <exception cref="InvalidDataException">Another version of Trainer wrote the file.</exception>
    public void CopyTo(EmotionNetwork network) => CopyTo(network, "");

    private void CopyTo(nn.Module layer, string name)
    {
        switch (layer)
        {
            case Equalize:
                Values($"{name}.missing.bias", Equalize.Bins); // the file's network sees what this one sees
                break;
            case LabelAndVoteHeads:
                foreach ((string head, nn.Module linear) in layer.named_children())
                {
                    CopyTo(linear, initializers.ContainsKey($"{prefix}{name}.{head}.weight") ? $"{name}.{head}" : name); // both begin as a file's only one
                }

                break;
            case Linear when initializers.ContainsKey($"{prefix}{name}.labels.weight"):
                CopyTo(layer, $"{name}.labels");
                break;
            case Conv2d or Linear:
                foreach ((string parameter, Parameter tensor) in layer.named_parameters())
                {
                    tensor.CopyFrom(Values($"{name}.{parameter}", tensor.numel()));
                }

                break;
            default:
                CopyToChildren(layer, name);
                break;
        }
    }

    private void CopyToChildren(nn.Module layer, string name)
    {
        (string Name, nn.Module Layer)[] children = [.. layer.named_children()];
        for (int i = 0; i < children.Length; i++)
        {
            string child = NetworkNodes.Below(name, children[i].Name);
            if (children[i].Layer is Conv2d conv && children.ElementAtOrDefault(i + 1).Layer is BatchNorm2d norm)
            {
                BatchNormFolding.Unfold(Values($"{child}.weight", conv.Weight.numel()), Values($"{child}.bias", conv.OutChannels), conv, norm);
                i++;
            }
            else
            {
                CopyTo(children[i].Layer, child);
            }
        }
    }

    private float[] Values(string name, long count) =>
        initializers.TryGetValue(prefix + name, out TensorProto? tensor) && tensor.RawData.Length == count * sizeof(float)
            ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
            : throw new InvalidDataException($"{path}: no '{name}' of {count} numbers; its '{Network}' is of another version of Trainer");
}
