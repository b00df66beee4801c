using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>[N, C, H, W] → [N, C·H·W].</summary>
internal sealed class Flatten : Module
{
    public override Tensor forward(Tensor x) => functional.flatten(x);

    public override string Export(OnnxGraph graph, string input) => graph.Add("Flatten", FullName, [input], [OnnxGraph.Int("axis", 1)]);
}
