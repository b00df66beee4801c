using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Zeroes elements at random in training (Srivastava et al. 2014); nothing in inference.</summary>
internal sealed class Dropout(double probability) : Module
{
    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings => [("probability", probability)];

    public override Tensor forward(Tensor x) => Training ? functional.dropout(x, probability, training: true) : x;

    public override string Export(OnnxGraph graph, string input) => input;
}
