using Microsoft.ML.OnnxRuntime;
using Google.Protobuf;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Network;

/// <summary>What a layer's ONNX nodes compute in ONNX Runtime against what the layer computes in libtorch.</summary>
[Collection(nameof(TorchCollection))]
public sealed class LayerExportTests
{
    public static TheoryData<string> Cases => GradientTests.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Export_OfALayer_ComputesTheSame(string name)
    {
        LayerCase layerCase = LayerCase.All.Single(layer => layer.Name == name);
        using FlatParameters parameters = layerCase.Build(out Module layer);
        AssertSame(layer, layerCase.Input(), layerCase.InputShape);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Export_BatchNormBehindAConvolution_FoldsIntoIt(bool bias)
    {
        var layers = new LayerCase("", () => new Sequential(new Conv2d(2, 3, kernelSize: 3, padding: 1, bias: bias), new BatchNorm2d(3)), 2, 2, 5, 4);
        using FlatParameters parameters = layers.Build(out Module network);
        ModelProto model = AssertSame(network, layers.Input(), layers.InputShape);
        Assert.Equal(["Conv", "Identity"], model.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["layer.0.weight", "layer.0.bias"], model.Graph.Initializer.Select(tensor => tensor.Name));
    }

    [Fact]
    public void FoldInto_OneChannel_IsAsComputedByHand()
    {
        var norm = new BatchNorm2d(1);
        norm.AssignNames("norm");
        using var parameters = new FlatParameters(norm, new Random(1), DeviceType.CPU);
        float[] values = [3, 0.5f, 2, 4 - 1e-5f]; // weight, bias, mean, variance
        parameters.All.Zip(values).ToList().ForEach(pair => pair.First.Value.CopyFrom([pair.Second]));

        float[] weights = [1, -2], biases = [5];
        norm.FoldInto(weights, biases);

        // Weight / √(variance + 1e-5) = 1.5; 1.5 (5 - 2) + 0.5 = 5.
        Assert.Equal([1.5f, -3f], weights, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(5, biases[0], 1e-5);
    }

    private static ModelProto AssertSame(Module layer, float[] input, long[] shape)
    {
        layer.train(false);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        ModelProto model = Model(layer, shape.Length, layer.forward(torch.tensor(input, shape)).shape);
        byte[] bytes = model.ToByteArray();
        using var session = OnnxSession.Load(bytes, "layer");
        using var options = new RunOptions();

        int single = input.Length / (int)shape[0];
        foreach (int count in new[] { (int)shape[0], 1 })
        {
            long[] batch = [count, .. shape[1..]];
            float[] expected = layer.forward(torch.tensor(input.AsSpan(0, count * single), batch)).ToArray();
            using var x = OrtValue.CreateTensorValueFromMemory(input[..(count * single)], batch);
            using var found = session.Run(options, ["x"], [x], ["y"]);

            // Two engines sum some tens of float32 products in different orders.
            double tolerance = 1e-5 * Math.Max(1, expected.Max(Math.Abs));
            Assert.Equal(expected, found[0].GetTensorDataAsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) <= tolerance);
        }

        return model;
    }

    // Dropout has no node: the identity gives every layer one.
    private static ModelProto Model(Module layer, int inputDims, long[] outputShape)
    {
        var graph = new OnnxGraph();
        string result = graph.Add("Identity", "result", [layer.Export(graph, "x")]);
        return graph.ToModel(("x", Enumerable.Repeat(-1L, inputDims)), result, ("y", [-1, .. outputShape[1..]]));
    }
}
