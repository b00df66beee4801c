using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>max(0, x). Overwrites its input, which no layer before it here needs for its gradient.</summary>
internal sealed class ReLU : Module
{
    public override Tensor forward(Tensor x) => functional.relu(x, inplace: true);

    public override string Export(OnnxGraph graph, string input) => graph.Add("Relu", FullName, [input]);
}
