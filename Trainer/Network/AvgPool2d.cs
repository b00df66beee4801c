using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The mean of each window; windows do not overlap.</summary>
internal sealed class AvgPool2d(int kernelSize) : Module
{
    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings => [("kernelSize", kernelSize)];

    public override Tensor forward(Tensor x) => functional.avg_pool2d(x, kernelSize, kernelSize);

    public override string Export(OnnxGraph graph, string input) => graph.Add("AveragePool", FullName, [input],
        [OnnxGraph.Ints("kernel_shape", kernelSize, kernelSize), OnnxGraph.Ints("strides", kernelSize, kernelSize)]);
}
