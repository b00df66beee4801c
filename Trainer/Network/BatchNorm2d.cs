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

    public override Tensor forward(Tensor x) => functional.batch_norm(
        x, runningMean.Value, runningVar.Value, weight.Value, bias.Value, Training, Momentum, Epsilon);

    public override string Export(OnnxGraph graph, string input) => graph.Add(
        "BatchNormalization",
        FullName,
        [input, .. new[] { weight, bias, runningMean, runningVar }.Select(p => graph.AddInitializer(p.Name, p.Value.ToArray(), p.Shape))],
        [OnnxGraph.Float("epsilon", (float)Epsilon)]);

    /// <summary>Changes a convolution's weights [out, …] and biases [out] so that it gives what this layer makes of its output.</summary>
    public void FoldInto(float[] weights, float[] biases)
    {
        float[] scale = weight.Value.ToArray();
        float[] shift = bias.Value.ToArray();
        float[] mean = runningMean.Value.ToArray();
        float[] variance = runningVar.Value.ToArray();
        int perChannel = weights.Length / biases.Length;
        for (int channel = 0; channel < biases.Length; channel++)
        {
            double factor = scale[channel] / Math.Sqrt(variance[channel] + Epsilon);
            for (int i = channel * perChannel; i < (channel + 1) * perChannel; i++)
            {
                weights[i] = (float)(weights[i] * factor);
            }

            biases[channel] = (float)(((biases[channel] - mean[channel]) * factor) + shift[channel]);
        }
    }
}
