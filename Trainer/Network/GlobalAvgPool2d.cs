using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The mean of each channel: [N, C, H, W] → [N, C, 1, 1].</summary>
internal sealed class GlobalAvgPool2d : Module
{
    public override Tensor forward(Tensor x) => functional.mean(x, [2, 3], keepdim: true);

    public override string Export(OnnxGraph graph, string input) => graph.Add("GlobalAveragePool", FullName, [input]);
}
