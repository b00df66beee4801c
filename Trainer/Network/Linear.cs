using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A dense layer: [N, in] → [N, out].</summary>
internal sealed class Linear : Module
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public Linear(int inFeatures, int outFeatures)
    {
        weight = Register("weight", new Parameter([outFeatures, inFeatures], Initializer.Uniform(inFeatures)));
        bias = Register("bias", new Parameter([outFeatures], Initializer.Constant(0)));
    }

    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings =>
        [("inFeatures", weight.Shape[1]), ("outFeatures", weight.Shape[0])];

    public override Tensor forward(Tensor x) => functional.linear(x, weight.Value, bias.Value);

    public override string Export(OnnxGraph graph, string input) => graph.Add(
        "Gemm",
        FullName,
        [input, .. new[] { weight, bias }.Select(p => graph.AddInitializer(p.Name, p.Value.ToArray(), p.Shape))],
        [OnnxGraph.Int("transB", 1)]);
}
