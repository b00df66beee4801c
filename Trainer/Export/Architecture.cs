using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Export;

/// <summary>A network's layers as JSON, for people and tools that want to build it elsewhere.</summary>
internal static class Architecture
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Describes a network.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="network">Its layers.</param>
    public static string ToJson(string name, Module network) => ToJson(name, [network], "layers", network.Describe());

    /// <summary>Describes networks whose answers are averaged.</summary>
    /// <param name="name">What they are called together.</param>
    /// <param name="members">Their layers.</param>
    public static string ToJson(string name, IReadOnlyList<Module> members) =>
        ToJson(name, members, "members", new JsonArray([.. members.Select(member => member.Describe())]));

    private static string ToJson(string name, IReadOnlyList<Module> networks, string key, JsonNode layers) => new JsonObject
    {
        ["network"] = name,
        ["input"] = EmotionModel.InputDescription,
        ["labels"] = new JsonArray([.. Emotions.Labels.Select(label => (JsonNode)label)]),
        ["parameters"] = networks.SelectMany(network => network.Parameters()).Where(p => !p.IsBuffer).Sum(p => p.Count),
        [key] = layers,
    }.ToJsonString(Indented);
}
