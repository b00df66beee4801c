using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Tests.Trainer.Network;

/// <summary>A small layer, with the shape of what it takes.</summary>
internal sealed record LayerCase(string Name, Func<Module> Create, params long[] InputShape)
{
    /// <summary>Every kind of layer, in the settings that networks use it in.</summary>
    public static IReadOnlyList<LayerCase> All { get; } =
    [
        new("Conv2d 3×3, padded", () => new Conv2d(2, 3, kernelSize: 3, padding: 1), 2, 2, 5, 4),
        new("Conv2d 3×3, stride 2", () => new Conv2d(2, 3, kernelSize: 3, stride: 2, bias: false), 2, 2, 7, 6),
        new("Conv2d 3×3, stride 2, padded", () => new Conv2d(3, 2, kernelSize: 3, stride: 2, padding: 1), 2, 3, 5, 6),
        new("Conv2d 1×1", () => new Conv2d(3, 4, kernelSize: 1), 2, 3, 3, 2),
        new("Conv2d 1×1, stride 2, without bias", () => new Conv2d(3, 4, kernelSize: 1, stride: 2, bias: false), 2, 3, 3, 4),
        new("BatchNorm2d", () => new BatchNorm2d(3), 4, 3, 3, 2),
        new("Linear", () => new Linear(6, 4), 3, 6),
        new("ReLU", () => new ReLU(), 2, 3, 4, 4),
        new("Sigmoid", () => new Sigmoid(), 2, 3, 2, 2),
        new("MaxPool2d 2, stride 2", () => new MaxPool2d(2, stride: 2), 2, 2, 6, 5),
        new("MaxPool2d 3, stride 2, padded", () => new MaxPool2d(3, stride: 2, padding: 1), 2, 2, 6, 5),
        new("AvgPool2d", () => new AvgPool2d(2), 2, 2, 6, 5),
        new("GlobalAvgPool2d", () => new GlobalAvgPool2d(), 2, 3, 3, 4),
        new("Flatten", () => new Flatten(), 2, 3, 2, 2),
        new("Dropout", () => new Dropout(0.4), 3, 8),
        new("Equalize", () => new Equalize(), 2, 1, 5, 4) { Amplitude = 100 },
        new("SqueezeExcitation", () => new SqueezeExcitation(8, reduction: 2), 2, 8, 3, 2),
        new("ResidualBlock", () => new ResidualBlock(8, 8, stride: 1), 2, 8, 3, 3),
        new("ResidualBlock, wider", () => new ResidualBlock(2, 8, stride: 1), 2, 2, 3, 3),
        new("ResidualBlock, stride 2", () => new ResidualBlock(8, 8, stride: 2), 2, 8, 6, 4),
        new(
            "Sequential",
            () => new Sequential(
                new Conv2d(2, 4, kernelSize: 3, padding: 1), new BatchNorm2d(4), new ReLU(),
                new AvgPool2d(2), new Flatten(), new Linear(16, 5)),
            2, 2, 4, 4),
    ];

    /// <summary>Gets the largest input value: a layer for gray levels needs more than 1.</summary>
    public float Amplitude { get; init; } = 1;

    /// <summary>Makes the layer, with parameters for which every part of it matters.</summary>
    /// <param name="layer">The layer, as if it stood at 'layer' in a network.</param>
    public FlatParameters Build(out Module layer)
    {
        layer = Create();
        layer.AssignNames("layer");
        var parameters = new FlatParameters(layer, new Random(1), DeviceType.CPU);
        RandomParameters.Fill(parameters, new Random(2));
        return parameters;
    }

    /// <summary>Input values, all different, evenly spaced around 0 and in random order: none is near 0 or near another.</summary>
    public float[] Input()
    {
        int count = (int)InputShape.Aggregate(1L, (product, size) => product * size);
        float[] values = [.. Enumerable.Range(0, count).Select(i => Amplitude * ((2f * i) + 1 - count) / count)];
        new Random(3).Shuffle(values);
        return values;
    }

    public override string ToString() => Name;
}
