using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Two 3×3 convolutions with batch norm and squeeze-excitation around a shortcut (He et al. 2016,
/// https://arxiv.org/abs/1512.03385). Where the size changes, the shortcut averages before it projects, so that no
/// activation is skipped (He et al. 2019, https://arxiv.org/abs/1812.01187, ResNet-D).</summary>
internal sealed class ResidualBlock : Module
{
    private const int BeforeSqueeze = 5;
    private readonly Sequential residual;
    private readonly SqueezeExcitation squeeze;
    private readonly Sequential? shortcut;

    public ResidualBlock(int inChannels, int outChannels, int stride)
    {
        squeeze = new SqueezeExcitation(outChannels);
        residual = Register("residual", new Sequential(
            new Conv2d(inChannels, outChannels, kernelSize: 3, stride, padding: 1, bias: false),
            new BatchNorm2d(outChannels),
            new ReLU(),
            new Conv2d(outChannels, outChannels, kernelSize: 3, padding: 1, bias: false),
            new BatchNorm2d(outChannels, initialWeight: 0),
            squeeze));
        if (stride != 1 || inChannels != outChannels)
        {
            Module[] pool = stride == 1 ? [] : [new AvgPool2d(stride)];
            Module[] projection = [new Conv2d(inChannels, outChannels, kernelSize: 1, bias: false), new BatchNorm2d(outChannels)];
            shortcut = Register("shortcut", new Sequential([.. pool, .. projection]));
        }
    }

    public override Tensor forward(Tensor x)
    {
        Tensor ungated = residual.forward(x, BeforeSqueeze);
        return functional.gated_sum_relu(ungated, squeeze.Gate(ungated), shortcut?.forward(x) ?? x);
    }

    public override string Export(OnnxGraph graph, string input)
    {
        string sum = graph.Add("Add", $"{FullName}.sum", [residual.Export(graph, input), shortcut?.Export(graph, input) ?? input]);
        return graph.Add("Relu", FullName, [sum]);
    }
}
