using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Describes a network's layers as JSON, to rebuild it elsewhere.</summary>
internal static class Architecture
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string ToJson(EmotionNetwork network) => ToJson(network.Name, [network], "layers", Describe(network));

    /// <summary>Describes an ensemble of networks under a common name.</summary>
    public static string ToJson(string name, IReadOnlyList<EmotionNetwork> members) =>
        ToJson(name, members, "members", new JsonArray([.. members.Select(Describe)]));

    private static string ToJson(string name, IReadOnlyList<EmotionNetwork> networks, string key, JsonNode layers) => new JsonObject
    {
        ["network"] = name,
        ["input"] = EmotionModel.InputDescription,
        ["labels"] = new JsonArray([.. Emotions.Labels.Select(label => (JsonNode)label)]),
        ["parameters"] = networks.Sum(network => network.ParameterCount),
        [key] = layers,
    }.ToJsonString(Indented);

    private static JsonNode Describe(nn.Module layer)
    {
        var description = new JsonObject { ["type"] = TypeName(layer) };
        foreach ((string name, JsonNode setting) in Settings(layer))
        {
            description[name] = setting;
        }

        if (layer.named_children().ToArray() is [_, ..] children)
        {
            description["children"] = new JsonObject(children.Select(child => KeyValuePair.Create(child.name, (JsonNode?)Describe(child.module))));
        }

        return description;
    }

    // Files call the histogram equalization 'Equalize'.
    private static string TypeName(nn.Module layer) => layer switch
    {
        Sequential => nameof(Sequential),
        HistogramEqualization => "Equalize",
        _ => layer.GetType().Name,
    };

    private static (string Name, JsonNode Setting)[] Settings(nn.Module layer) => layer switch
    {
        Conv2d c =>
        [
            ("inChannels", c.InChannels), ("outChannels", c.OutChannels), ("kernelSize", c.KernelSize), ("stride", c.Stride), ("padding", c.Padding),
            ("bias", c.Bias is not null),
        ],
        Linear l => [("inFeatures", l.Weight.shape[1]), ("outFeatures", l.Weight.shape[0])],
        BatchNorm2d n => [("channels", n.num_features)],
        MaxPool2d p => [("kernelSize", p.kernel_size[0]), ("stride", p.stride[0]), ("padding", p.padding?[0] ?? 0)],
        AvgPool2d p => [("kernelSize", p.kernel_size[0])],
        Dropout d => [("probability", d.p)],
        HistogramEqualization => [("bins", HistogramEqualization.Bins), ("range", HistogramEqualization.Range)],
        _ => [],
    };
}
