using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Scales each channel by what all channels' means say of it (Hu et al. 2018, https://arxiv.org/abs/1709.01507).</summary>
internal sealed class SqueezeExcitation : Module
{
    private readonly Sequential gate;

    /// <summary>Declares the layer.</summary>
    /// <param name="channels">C of [N, C, H, W], kept.</param>
    /// <param name="reduction">How many times narrower the gate's hidden layer is.</param>
    public SqueezeExcitation(int channels, int reduction = 8) => gate = Register("gate", new Sequential(
        new GlobalAvgPool2d(),                                              // [N, C, 1, 1]
        new Conv2d(channels, channels / reduction, kernelSize: 1),
        new ReLU(),
        new Conv2d(channels / reduction, channels, kernelSize: 1),
        new Sigmoid()));

    public override Tensor forward(Tensor x) => functional.mul(x, Gate(x));

    /// <summary>What each channel is scaled by: [N, C, 1, 1], in (0, 1).</summary>
    public Tensor Gate(Tensor x) => gate.forward(x);

    public override string Export(OnnxGraph graph, string input) => graph.Add("Mul", FullName, [input, gate.Export(graph, input)]);
}
