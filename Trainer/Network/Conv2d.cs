using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A square convolution: [N, in, H, W] → [N, out, (H + 2·padding − kernel) / stride + 1, …].</summary>
internal sealed class Conv2d : Module
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly (int InChannels, int OutChannels, int KernelSize, int Stride, int Padding) settings;

    public Conv2d(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, bool bias = true)
    {
        settings = (inChannels, outChannels, kernelSize, stride, padding);
        weight = Register("weight", new Parameter(
            [outChannels, inChannels, kernelSize, kernelSize], Initializer.KaimingNormal((long)outChannels * kernelSize * kernelSize)));
        this.bias = bias ? Register("bias", new Parameter([outChannels], Initializer.Constant(0))) : null;
    }

    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings =>
    [
        ("inChannels", settings.InChannels), ("outChannels", settings.OutChannels), ("kernelSize", settings.KernelSize),
        ("stride", settings.Stride), ("padding", settings.Padding), ("bias", bias is not null),
    ];

    /// <summary>Gets or sets what is told each input before it is read, as PyTorch's hooks of this name; null for nobody.</summary>
    public Action<Tensor>? ForwardPreHook { get; set; }

    public override Tensor forward(Tensor x)
    {
        ForwardPreHook?.Invoke(x);
        return functional.conv2d(x, weight.Value, bias?.Value, settings.Stride, settings.Padding);
    }

    public override string Export(OnnxGraph graph, string input) => Export(graph, input, folded: null);

    /// <summary>Writes this convolution and the batch norm behind it as one Conv node.</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="input">The value that the convolution reads.</param>
    /// <param name="folded">The batch norm to fold in, if any.</param>
    public string Export(OnnxGraph graph, string input, BatchNorm2d? folded)
    {
        float[] weights = weight.Value.ToArray();
        float[] biases = bias?.Value.ToArray() ?? new float[settings.OutChannels];
        folded?.FoldInto(weights, biases);
        return graph.Add(
            "Conv",
            FullName,
            [input, graph.AddInitializer(weight.Name, weights, weight.Shape), graph.AddInitializer($"{FullName}.bias", biases, [settings.OutChannels])],
            [
                OnnxGraph.Ints("kernel_shape", settings.KernelSize, settings.KernelSize),
                OnnxGraph.Ints("strides", settings.Stride, settings.Stride),
                OnnxGraph.Ints("pads", settings.Padding, settings.Padding, settings.Padding, settings.Padding),
            ]);
    }

    /// <summary>
    /// Takes over a Conv node that a batch norm was folded into. Filters get the length of fresh ones and the norm scales back:
    /// in front of a norm, a filter's length decides nothing but how far a step of training turns it.
    /// </summary>
    /// <param name="weights">What was exported.</param>
    /// <param name="folded">The norm behind this convolution.</param>
    public void Import(ReadWeights weights, BatchNorm2d folded)
    {
        float[] values = weights(weight.Name, weight.Count);
        var scales = new float[settings.OutChannels];
        int perFilter = values.Length / scales.Length;
        double length = Math.Sqrt(2.0 * settings.InChannels / settings.OutChannels);
        for (int filter = 0; filter < scales.Length; filter++)
        {
            Span<float> own = values.AsSpan(filter * perFilter, perFilter);
            double sumOfSquares = 0;
            foreach (float value in own)
            {
                sumOfSquares += (double)value * value;
            }

            scales[filter] = sumOfSquares > 0 ? (float)(Math.Sqrt(sumOfSquares) / length) : 1;
            foreach (ref float value in own)
            {
                value /= scales[filter];
            }
        }

        weight.Value.CopyFrom(values);
        bias?.Value.CopyFrom(new float[settings.OutChannels]);
        folded.SetAffine(scales, weights($"{FullName}.bias", settings.OutChannels));
    }
}
