using System.Text.Json.Nodes;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Export;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Trainer.Network;

/// <summary>The largest value of each window.</summary>
internal sealed class MaxPool2d(int kernelSize, int stride, int padding = 0) : Module
{
    protected override IEnumerable<(string Name, JsonNode? Setting)> Settings =>
        [("kernelSize", kernelSize), ("stride", stride), ("padding", padding)];

    public override Tensor forward(Tensor x) => functional.max_pool2d(x, kernelSize, stride, padding);

    public override string Export(OnnxGraph graph, string input) => graph.Add("MaxPool", FullName, [input],
    [
        OnnxGraph.Ints("kernel_shape", kernelSize, kernelSize),
        OnnxGraph.Ints("strides", stride, stride),
        OnnxGraph.Ints("pads", padding, padding, padding, padding),
    ]);
}
