using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A square convolution: [N, in, H, W] → [N, out, (H + 2·padding − kernel) / stride + 1, …]. Unlike TorchSharp's, which computes in its weight's
/// type and layout, it keeps a float32 channels-last weight and computes in its input's type.</summary>
internal sealed class Conv2d : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public Conv2d(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, bool bias = true)
        : base(nameof(Conv2d))
    {
        (InChannels, OutChannels, KernelSize, Stride, Padding) = (inChannels, outChannels, kernelSize, stride, padding);
        using DisposeScope scope = NewDisposeScope();
        weight = Tensors.Learned(zeros(outChannels, inChannels, kernelSize, kernelSize).ChannelsLast());
        this.bias = bias ? Tensors.Learned(zeros(outChannels)) : null;
        RegisterComponents();
    }

    public int InChannels { get; }

    public int OutChannels { get; }

    public int KernelSize { get; }

    public int Stride { get; }

    public int Padding { get; }

    /// <summary>float32 [out, in, kernel, kernel].</summary>
    public Parameter Weight => weight;

    /// <summary>float32 [out].</summary>
    public Parameter? Bias => bias;

    public override Tensor forward(Tensor x) =>
        F.conv2d(x, weight.to(x.dtype), bias?.to(x.dtype), strides: [Stride, Stride], padding: [Padding, Padding]);
}

/// <summary>A dense layer: [N, in] → [N, out], computed in its input's type.</summary>
internal sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public Linear(int inFeatures, int outFeatures)
        : base(nameof(Linear))
    {
        using DisposeScope scope = NewDisposeScope();
        weight = Tensors.Learned(zeros(outFeatures, inFeatures));
        bias = Tensors.Learned(zeros(outFeatures));
        RegisterComponents();
    }

    /// <summary>float32 [out, in].</summary>
    public Parameter Weight => weight;

    /// <summary>float32 [out].</summary>
    public Parameter Bias => bias;

    public override Tensor forward(Tensor x) => F.linear(x, weight.to(x.dtype), bias.to(x.dtype));
}

/// <summary>Two parallel dense layers, for labels and for people's votes: [N, in] → [N, 14], the labels' logits first.</summary>
internal sealed class LabelAndVoteHeads : nn.Module<Tensor, Tensor>
{
    /// <summary>The vote head's weight in the mean of both heads, the best single output for both targets: the sum of label accuracy and agreement with people is
    /// highest at 0.6 to 0.8 in each of nine networks (docs/experiments.md).</summary>
    public const float VoteWeightOfMean = 0.7f;

    private readonly Linear labels;
    private readonly Linear votes;

    public LabelAndVoteHeads(int inFeatures)
        : base(nameof(LabelAndVoteHeads))
    {
        labels = new Linear(inFeatures, Emotions.Count);
        votes = new Linear(inFeatures, Emotions.Count);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => cat([labels.forward(x), votes.forward(x)], dim: 1);
}

/// <summary>The mean of each channel: [N, C, H, W] → [N, C, 1, 1].</summary>
internal sealed class GlobalAvgPool2d() : nn.Module<Tensor, Tensor>(nameof(GlobalAvgPool2d))
{
    // The gradient of a sum is a view; that of a mean is a tensor as large as x.
    public override Tensor forward(Tensor x) => x.sum([2, 3], keepdim: true) * (1.0 / (x.shape[2] * x.shape[3]));
}

/// <summary>Scales each channel by a gate computed from the means of all channels (Hu et al. 2018, https://arxiv.org/abs/1709.01507).</summary>
internal sealed class SqueezeExcitation : nn.Module<Tensor, Tensor>
{
    private readonly Sequential gate;

    /// <param name="channels">C of [N, C, H, W], kept.</param>
    /// <param name="reduction">The ratio of the gate's input width to its hidden width.</param>
    public SqueezeExcitation(int channels, int reduction = 8)
        : base(nameof(SqueezeExcitation))
    {
        gate = nn.Sequential(
            new GlobalAvgPool2d(),                                              // [N, C, 1, 1]
            new Conv2d(channels, channels / reduction, kernelSize: 1),
            nn.ReLU(inplace: true),
            new Conv2d(channels / reduction, channels, kernelSize: 1),
            nn.Sigmoid());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * gate.forward(x);            // [N, C, H, W] · [N, C, 1, 1]
}

/// <summary>Two 3×3 convolutions with batch norm and squeeze-excitation around a shortcut (He et al. 2016, https://arxiv.org/abs/1512.03385). If the size
/// changes, the shortcut averages before it projects, so that no activation is skipped (ResNet-D, He et al. 2019, https://arxiv.org/abs/1812.01187).</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential residual;
    private readonly Sequential? shortcut;

    public ResidualBlock(int inChannels, int outChannels, int stride)
        : base(nameof(ResidualBlock))
    {
        BatchNorm2d last = nn.BatchNorm2d(outChannels);
        nn.init.zeros_(last.weight);                                            // starts as the identity: Goyal et al. 2017, https://arxiv.org/abs/1706.02677
        residual = nn.Sequential(
            new Conv2d(inChannels, outChannels, kernelSize: 3, stride, padding: 1, bias: false),
            nn.BatchNorm2d(outChannels),
            nn.ReLU(inplace: true),
            new Conv2d(outChannels, outChannels, kernelSize: 3, padding: 1, bias: false),
            last,
            new SqueezeExcitation(outChannels));                                // [N, out, H / stride, W / stride]
        if (stride != 1 || inChannels != outChannels)
        {
            shortcut = nn.Sequential(stride == 1 ? [] : [nn.AvgPool2d(stride)]);
            shortcut.append(new Conv2d(inChannels, outChannels, kernelSize: 1, bias: false));
            shortcut.append(nn.BatchNorm2d(outChannels));                       // [N, out, H / stride, W / stride]
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => residual.forward(x).add_(shortcut?.forward(x) ?? x).relu_();
}
