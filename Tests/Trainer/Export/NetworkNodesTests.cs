using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using MlNetEmotion.Tests.Trainer.Network;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Export;

/// <summary>Compares each layer's ONNX nodes in ONNX Runtime with the layer in libtorch.</summary>
public sealed class NetworkNodesTests
{
    private static readonly Dictionary<string, (Func<nn.Module<Tensor, Tensor>> Create, long[] InputShape)> Layers = new()
    {
        ["Conv2d 3×3, padded"] = (() => new Conv2d(2, 3, kernelSize: 3, padding: 1), [2, 2, 5, 4]),
        ["Conv2d 3×3, stride 2"] = (() => new Conv2d(2, 3, kernelSize: 3, stride: 2, bias: false), [2, 2, 7, 6]),
        ["Conv2d 1×1"] = (() => new Conv2d(3, 4, kernelSize: 1), [2, 3, 3, 2]),
        ["BatchNorm2d"] = (() => nn.BatchNorm2d(3), [4, 3, 3, 2]),
        ["Linear"] = (() => new Linear(6, 4), [3, 6]),
        ["ReLU"] = (() => nn.ReLU(), [2, 3, 4, 4]),
        ["Sigmoid"] = (() => nn.Sigmoid(), [2, 3, 2, 2]),
        ["MaxPool2d 2, stride 2"] = (() => nn.MaxPool2d(2, stride: 2), [2, 2, 6, 5]),
        ["MaxPool2d 3, stride 2, padded"] = (() => nn.MaxPool2d(3, stride: 2, padding: 1), [2, 2, 6, 5]),
        ["AvgPool2d"] = (() => nn.AvgPool2d(2), [2, 2, 6, 5]),
        ["GlobalAvgPool2d"] = (() => new GlobalAvgPool2d(), [2, 3, 3, 4]),
        ["Flatten"] = (() => nn.Flatten(), [2, 3, 2, 2]),
        ["Dropout"] = (() => nn.Dropout(0.4), [3, 8]),
        ["HistogramEqualization"] = (() => new HistogramEqualization(), [2, 1, 5, 4]),
        ["SqueezeExcitation"] = (() => new SqueezeExcitation(8, reduction: 2), [2, 8, 3, 2]),
        ["ResidualBlock"] = (() => new ResidualBlock(8, 8, stride: 1), [2, 8, 3, 3]),
        ["ResidualBlock, wider"] = (() => new ResidualBlock(2, 8, stride: 1), [2, 2, 3, 3]),
        ["ResidualBlock, stride 2"] = (() => new ResidualBlock(8, 8, stride: 2), [2, 8, 6, 4]),
        ["Sequential"] = (
            () => nn.Sequential(
                new Conv2d(2, 4, kernelSize: 3, padding: 1), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), new Linear(16, 5)),
            [2, 2, 4, 4]),
    };

    public static TheoryData<string> Cases => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Add_ALayer_ComputesTheSame(string name)
    {
        using nn.Module<Tensor, Tensor> layer = Layers[name].Create();
        AssertSame(layer, Layers[name].InputShape, amplitude: name == "HistogramEqualization" ? 100 : 1);
    }

    [Fact]
    public void Cases_HaveEveryLayerOfOurOwn()
    {
        // Two heads are exported by the chosen output: LabelAndVoteHeadsTests.
        Type[] others = [typeof(EmotionNetwork), typeof(LabelAndVoteHeads)];
        IEnumerable<Type> own = typeof(Networks).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(nn.Module))).Except(others);
        Assert.Empty(own.Except(Layers.Values.Select(layer => layer.Create().GetType())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_ABatchNormBehindAConvolution_FoldsIt(bool bias)
    {
        using nn.Module<Tensor, Tensor> layers = nn.Sequential(new Conv2d(2, 3, kernelSize: 3, padding: 1, bias: bias), nn.BatchNorm2d(3));
        ModelProto model = AssertSame(layers, [2, 2, 5, 4]);
        Assert.Equal(["Conv", "Identity"], model.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["layer.0.weight", "layer.0.bias"], model.Graph.Initializer.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Fold_OneChannel_IsAsComputedByHand()
    {
        using TorchSharp.Modules.BatchNorm2d norm = nn.BatchNorm2d(1);
        norm.weight.CopyFrom([3]);
        norm.bias!.CopyFrom([0.5f]);
        norm.running_mean!.CopyFrom([2]);
        norm.running_var!.CopyFrom([4 - 1e-5f]);
        float[] weights = [1, -2], biases = [5];
        BatchNormFolding.Fold(norm, weights, biases);

        // Weight / √(variance + 1e-5) = 1.5; 1.5 (5 - 2) + 0.5 = 5.
        Assert.Equal([1.5f, -3f], weights, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(5, biases[0], 1e-5);
    }

    // With a variance of epsilon's size, leaving epsilon out makes 15 % of a difference.
    [Fact]
    public void Fold_ChannelOfLittleVariance_CountsEpsilon()
    {
        using TorchSharp.Modules.BatchNorm2d norm = nn.BatchNorm2d(1);
        norm.running_mean!.CopyFrom([2]);
        norm.running_var!.CopyFrom([3e-5f]);
        float[] weights = [0.01f], biases = [2.01f];
        BatchNormFolding.Fold(norm, weights, biases);

        // 1 / √(3e-5 + 1e-5) = 158.114; 158.114 · 0.01, and 158.114 · (2.01 - 2).
        Assert.Equal(1.58114, weights[0], 1e-4);
        Assert.Equal(1.58114, biases[0], 1e-3);
    }

    private static ModelProto AssertSame(nn.Module<Tensor, Tensor> layer, long[] shape, float amplitude = 1)
    {
        RandomParameters.Fill(layer, new Random(2));
        layer.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();

        // All different, evenly spaced around 0 and in random order.
        int count = (int)shape.Aggregate(1L, (product, size) => product * size);
        float[] input = [.. Enumerable.Range(0, count).Select(i => amplitude * ((2f * i) + 1 - count) / count)];
        new Random(3).Shuffle(input);

        ModelProto model = Model(layer, shape.Length, layer.forward(Tensors.Of(input, shape, CPU)).shape);
        using var session = OnnxSession.Load(model.ToByteArray(), "layer");
        using var options = new RunOptions();
        int single = input.Length / (int)shape[0];
        foreach (int images in new[] { (int)shape[0], 1 })
        {
            long[] batch = [images, .. shape[1..]];
            float[] expected = layer.forward(Tensors.Of(input.AsSpan(0, images * single), batch, CPU)).ToArray();
            using var x = OrtValue.CreateTensorValueFromMemory(input[..(images * single)], batch);
            using var found = session.Run(options, ["x"], [x], ["y"]);

            // Two engines sum some tens of float32 products in different orders.
            double tolerance = 1e-5 * Math.Max(1, expected.Max(Math.Abs));
            Assert.Equal(expected, found[0].GetTensorDataAsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) <= tolerance);
        }

        return model;
    }

    // Dropout has no node: the identity gives every layer one.
    private static ModelProto Model(nn.Module layer, int inputDims, long[] outputShape)
    {
        var graph = new OnnxGraph();
        string result = graph.Add("Identity", "result", [new NetworkNodes(graph).Add(layer, "layer", "x")]);
        return graph.ToModel(("x", Enumerable.Repeat(-1L, inputDims)), result, ("y", [-1, .. outputShape[1..]]));
    }
}
