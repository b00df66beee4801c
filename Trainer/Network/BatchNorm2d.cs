using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>Batch normalization of each channel (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167).</summary>
internal sealed class BatchNorm2d : Module
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Parameter runningMean;
    private readonly Parameter runningVar;

    /// <summary>Declares the layer.</summary>
    /// <param name="channels">C of [N, C, H, W].</param>
    /// <param name="initialWeight">0 makes a residual branch start as nothing (Goyal et al. 2017, https://arxiv.org/abs/1706.02677).</param>
    public BatchNorm2d(int channels, float initialWeight = 1)
    {
        weight = Register("weight", new Parameter([channels], Initializer.Constant(initialWeight)));
        bias = Register("bias", new Parameter([channels], Initializer.Constant(0)));
        runningMean = Register("running_mean", new Parameter([channels], Initializer.Constant(0)) { IsBuffer = true });
        runningVar = Register("running_var", new Parameter([channels], Initializer.Constant(1)) { IsBuffer = true });
    }

    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings => [("channels", weight.Count)];

    /// <summary>Gets or sets whether what comes next tells the statistics, without a change of what the layer answers in inference.</summary>
    public bool IsMeasuring { get; set; }

    public override Tensor forward(Tensor x) => forward(x, relu: false);

    /// <summary>The layer's output, or the output of a <see cref="ReLU"/> behind it, which costs nothing more here.</summary>
    public Tensor forward(Tensor x, bool relu)
    {
        if (IsMeasuring)
        {
            Measure(x);
        }

        return functional.batch_norm(x, runningMean.Value, runningVar.Value, weight.Value, bias.Value, Training, Momentum, Epsilon, relu);
    }

    public override string Export(OnnxGraph graph, string input) => graph.Add(
        "BatchNormalization",
        FullName,
        [input, .. new[] { weight, bias, runningMean, runningVar }.Select(p => graph.AddInitializer(p.Name, p.Value.ToArray(), p.Shape))],
        [OnnxGraph.Float("epsilon", (float)Epsilon)]);

    /// <summary>Makes the layer answer <c>scale · x + shift</c> in inference, channel by channel.</summary>
    /// <param name="scale">[C].</param>
    /// <param name="shift">[C].</param>
    public void SetAffine(float[] scale, float[] shift)
    {
        runningMean.Value.CopyFrom(new float[scale.Length]);
        runningVar.Value.CopyFrom([.. scale.Select(_ => 1f)]);
        weight.Value.CopyFrom([.. scale.Select(factor => (float)(factor * Math.Sqrt(1 + Epsilon)))]);
        bias.Value.CopyFrom(shift);
    }

    /// <summary>Changes a convolution's weights [out, …] and biases [out] so that it gives what this layer makes of its output.</summary>
    public void FoldInto(float[] weights, float[] biases)
    {
        (double[] scale, double[] shift) = Affine();
        int perChannel = weights.Length / biases.Length;
        for (int channel = 0; channel < biases.Length; channel++)
        {
            foreach (ref float value in weights.AsSpan(channel * perChannel, perChannel))
            {
                value = (float)(value * scale[channel]);
            }

            biases[channel] = (float)((biases[channel] * scale[channel]) + shift[channel]);
        }
    }

    private void Measure(Tensor x)
    {
        (double[] scale, double[] shift) = Affine();
        functional.batch_norm(x, runningMean.Value, runningVar.Value, weight.Value, bias.Value, training: true, momentum: 1, Epsilon).Dispose();
        float[] mean = runningMean.Value.ToArray();
        float[] variance = runningVar.Value.ToArray();
        weight.Value.CopyFrom([.. scale.Select((factor, i) => (float)(factor * Math.Sqrt(variance[i] + Epsilon)))]);
        bias.Value.CopyFrom([.. shift.Select((offset, i) => (float)(offset + (scale[i] * mean[i])))]);
    }

    // What the layer is in inference, channel by channel: scale · x + shift.
    private (double[] Scale, double[] Shift) Affine()
    {
        float[] mean = runningMean.Value.ToArray();
        float[] variance = runningVar.Value.ToArray();
        double[] scale = [.. weight.Value.ToArray().Select((w, i) => w / Math.Sqrt(variance[i] + Epsilon))];
        return (scale, [.. bias.Value.ToArray().Select((offset, i) => offset - (scale[i] * mean[i]))]);
    }
}
