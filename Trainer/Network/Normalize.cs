using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>(x − mean) / standardDeviation, so that a model takes raw gray values and nobody has to remember this. As the
/// network's entrance it also chooses the layout that all activations behind it keep.</summary>
internal sealed class Normalize(float mean, float standardDeviation) : Module
{
    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings =>
        [("mean", mean), ("standardDeviation", standardDeviation)];

    public override Tensor forward(Tensor x) =>
        functional.mul(functional.add(x.channels_last(), -mean), 1.0 / standardDeviation);

    public override string Export(OnnxGraph graph, string input)
    {
        string centred = graph.Add("Sub", $"{FullName}.center", [input, graph.AddInitializer($"{FullName}.mean", [mean], [1])]);
        return graph.Add("Div", FullName, [centred, graph.AddInitializer($"{FullName}.std", [standardDeviation], [1])]);
    }
}
