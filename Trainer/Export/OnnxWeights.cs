using System.Runtime.InteropServices;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Trainer.Export;

/// <summary>A network's weights in a file that Trainer exported, alone or as a member of an ensemble.</summary>
/// <param name="initializers">The model's initializers, by name.</param>
/// <param name="place">The network's place in an ensemble, from 0.</param>
internal sealed class OnnxWeights(ModelProto model, Dictionary<string, TensorProto> initializers, string network, string path, int place)
{
    private readonly string prefix = initializers.Keys.Any(name => name.StartsWith(OnnxEnsemble.Prefix(place), StringComparison.Ordinal)) ? OnnxEnsemble.Prefix(place) : "";

    public string Network => network;

    /// <summary>Whether it has a second head, for people's votes.</summary>
    public bool HasVotes => initializers.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal) && key.EndsWith(".votes.weight", StringComparison.Ordinal));

    /// <summary>Whether the file has other networks too.</summary>
    public bool IsMember => prefix.Length > 0;

    /// <summary>The head whose probabilities the file outputs.</summary>
    public OutputHead Head => !OnnxCalibration.PredictsVotes(model) ? OutputHead.Labels
        : initializers.Keys.Any(key => key.EndsWith(".votes.share", StringComparison.Ordinal)) ? OutputHead.Mean
        : OutputHead.Votes;

    /// <summary>The calibration of the file's main output.</summary>
    public Calibration Calibration => OnnxCalibration.Of(model, OnnxCalibration.Main);

    /// <summary>The calibration of its label head, if that is another output.</summary>
    public Calibration LabelCalibration => OnnxCalibration.Of(model, OnnxCalibration.Labels);

    /// <summary>Returns the weights of the file's first network of a name.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX file.</exception>
    /// <exception cref="UsageException">The file has only other networks.</exception>
    public static OnnxWeights Of(string path, string network)
    {
        OnnxWeights[] members = All(path);
        return members.FirstOrDefault(member => string.Equals(member.Network, network, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(
                $"{path}: it holds '{string.Join("', '", members.Select(member => member.Network))}', but '{network}' is to be trained; add --network");
    }

    /// <summary>Returns the weights of all networks in a file.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX file.</exception>
    /// <exception cref="ModelException">A network is not one of Trainer's.</exception>
    public static OnnxWeights[] All(string path)
    {
        ModelProto model = OnnxExporter.Parse(File.ReadAllBytes(path), path);
        Dictionary<string, TensorProto> initializers = (model.Graph ?? new GraphProto()).Initializer.ToDictionary(tensor => tensor.Name);
        return [.. OnnxEnsemble.Members(OnnxCalibration.Metadata(model, path)).Select((network, place) =>
            new OnnxWeights(model, initializers, OnnxEnsemble.Known(network, path), path, place))];
    }

    /// <summary>Creates the network with these weights.</summary>
    /// <inheritdoc cref="CopyTo(EmotionNetwork)" path="/exception"/>
    public EmotionNetwork ToNetwork(DeviceType device = DeviceType.CPU)
    {
        EmotionNetwork created = Networks.Create(network, device: device, votes: HasVotes);
        CopyTo(created);
        return created;
    }

    /// <summary>Copies the weights into a network.</summary>
    /// <exception cref="InvalidDataException">The file was written by another version of Trainer.</exception>
    public void CopyTo(EmotionNetwork network) => CopyTo(network, "");

    private void CopyTo(nn.Module layer, string name)
    {
        switch (layer)
        {
            case HistogramEqualization:
                Values($"{name}.missing.bias", HistogramEqualization.Bins); // checks that the file's equalization has the same bins
                break;
            case LabelAndVoteHeads:
                foreach ((string head, nn.Module linear) in layer.named_children())
                {
                    CopyTo(linear, initializers.ContainsKey($"{prefix}{name}.{head}.weight") ? $"{name}.{head}" : name); // both heads start from a file's single one
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
        foreach ((string child, nn.Module part, BatchNorm2d? norm) in NetworkNodes.Children(layer, name))
        {
            if (norm is not null && part is Conv2d conv)
            {
                BatchNormFolding.Unfold(Values($"{child}.weight", conv.Weight.numel()), Values($"{child}.bias", conv.OutChannels), conv, norm);
            }
            else
            {
                CopyTo(part, child);
            }
        }
    }

    private float[] Values(string name, long count) =>
        initializers.TryGetValue(prefix + name, out TensorProto? tensor) && tensor.RawData.Length == count * sizeof(float)
            ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray()
            : throw new InvalidDataException($"{path}: no '{name}' of {count} numbers; its '{Network}' is of another version of Trainer");
}
