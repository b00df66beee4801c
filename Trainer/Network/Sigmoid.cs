using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>1 / (1 + exp(−x)).</summary>
internal sealed class Sigmoid : Module
{
    public override Tensor forward(Tensor x) => functional.sigmoid(x);

    public override string Export(OnnxGraph graph, string input) => graph.Add("Sigmoid", FullName, [input]);
}
