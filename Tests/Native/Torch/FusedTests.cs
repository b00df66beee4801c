using MlNetEmotion.Native.Torch;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Native.Torch;

/// <summary>The fused operators, which channels-last tensors of a multiple of 32 channels get, against libtorch's own, which others get.</summary>
[Collection(nameof(TorchCollection))]
public sealed class FusedTests : IDisposable
{
    private const int Images = 3;
    private const int Channels = 64;
    private static readonly long[] Shape = [Images, Channels, 15, 13]; // enough for two threads, and no multiple of a tile
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Random random = new(1);

    public FusedTests() => torch.set_num_threads(2);

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void BatchNorm_InTraining_IsLibtorchs(bool relu, bool bfloat16)
    {
        // Far from zero, as a mean that is subtracted too late would lose the variance.
        Tensor x = Uniform(Shape, 20, 24), weight = Uniform([Channels], 0.5f, 2), bias = Uniform([Channels], -1, 1);
        Tensor gradient = Uniform(Shape, -1, 1);
        AssertSame(bfloat16, gradient, [x, weight, bias], [torch.zeros([Channels]), Uniform([Channels], 1, 2)], (variables, statistics) =>
            functional.batch_norm(variables[0], statistics[0], statistics[1], variables[1], variables[2], training: true, momentum: 0.1, eps: 1e-5, relu));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BatchNorm_InInference_IsLibtorchs(bool relu)
    {
        using IDisposable noGrad = torch.no_grad();
        Tensor x = Uniform(Shape, -3, 3), mean = Uniform([Channels], -1, 1), variance = Uniform([Channels], 0.5f, 2);
        Tensor weight = Uniform([Channels], 0.5f, 2), bias = Uniform([Channels], -1, 1);
        Tensor Norm(Tensor of) => functional.batch_norm(of, mean, variance, weight, bias, training: false, momentum: 0.1, eps: 1e-5, relu);
        AssertClose(Norm(x), Norm(x.channels_last()), 1e-5, "y");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GatedSumRelu_IsLibtorchs(bool bfloat16)
    {
        Tensor x = Uniform(Shape, -1, 1), gate = Uniform([Images, Channels, 1, 1], 0, 1), shortcut = Uniform(Shape, -1, 1);
        AssertSame(bfloat16, Uniform(Shape, -1, 1), [x, gate, shortcut], [], (variables, _) =>
            functional.gated_sum_relu(variables[0], variables[1], variables[2]));
    }

    [Theory]
    [InlineData(3, 2, 1, false)]
    [InlineData(3, 2, 1, true)]
    [InlineData(2, 2, 0, false)]
    [InlineData(3, 1, 1, false)]
    [InlineData(2, 3, 0, false)]
    public void MaxPool2d_IsLibtorchs(int kernelSize, int stride, int padding, bool bfloat16)
    {
        Tensor x = Uniform(Shape, -2, -1);
        Tensor gradient = Uniform(functional.max_pool2d(x, kernelSize, stride, padding).shape, -1, 1);
        AssertSame(bfloat16, gradient, [x], [], (variables, _) => functional.max_pool2d(variables[0], kernelSize, stride, padding));
    }

    [Theory]
    [InlineData(15, 13, 2)]
    [InlineData(3, 3, 1)]
    public void Conv2d_OfFewRows_IsLibtorchs(int height, int width, int stride)
    {
        Tensor x = Uniform([Images, Channels, height, width], -1, 1), weight = Uniform([32, Channels, 3, 3], -1, 1);
        Tensor gradient = Uniform(functional.conv2d(x, weight, stride: stride, padding: 1).shape, -1, 1);
        AssertSame(bfloat16: true, gradient, [x, weight], [], (variables, _) => functional.conv2d(variables[0], variables[1], stride: stride, padding: 1));
    }

    [Fact]
    public void BatchNorm_OfANaN_IsNaN()
    {
        Tensor x = torch.tensor([.. Enumerable.Repeat(1f, 31), float.NaN], [1, 32, 1, 1]).channels_last();
        Tensor y = functional.batch_norm(x, torch.zeros([32]), torch.zeros([32]), torch.zeros([32]), torch.zeros([32]), training: true, momentum: 0.1, eps: 1, relu: true);
        Assert.Equal(1, y.ToArray().Count(float.IsNaN));
    }

    // Runs a function of four-dimensional variables and of [C], once in libtorch's default layout and float32, once channels-last.
    private static void AssertSame(bool bfloat16, Tensor gradient, Tensor[] inputs, Tensor[] statistics, Func<Tensor[], Tensor[], Tensor> function)
    {
        (Tensor y, Tensor[] gradients, Tensor[] kept) = Run(channelsLast: false, half: false);
        (Tensor fusedY, Tensor[] fusedGradients, Tensor[] fusedKept) = Run(channelsLast: true, bfloat16);

        double tolerance = bfloat16 ? 2e-2 : 1e-4;
        AssertClose(y, fusedY, tolerance, "y");
        for (int i = 0; i < inputs.Length; i++)
        {
            AssertClose(gradients[i], fusedGradients[i], tolerance, $"gradient {i}");
        }

        for (int i = 0; i < statistics.Length; i++)
        {
            AssertClose(kept[i], fusedKept[i], tolerance, $"statistics {i}");
        }

        (Tensor Y, Tensor[] Gradients, Tensor[] Statistics) Run(bool channelsLast, bool half)
        {
            Tensor[] leaves = [.. inputs.Select(input => input.clone().requires_grad_())];
            Tensor[] own = [.. statistics.Select(statistic => statistic.clone())];
            Tensor result;
            using (torch.autocast(DeviceType.CPU, half))
            {
                result = function([.. leaves.Select((leaf, i) => i == 0 || leaf.shape[^1] == Shape[^1] ? Entrance(leaf, channelsLast, half) : leaf)], own);
            }

            result.backward(gradient);
            return (result, [.. leaves.Select(leaf => leaf.grad!)], own);
        }
    }

    // Under autocast a convolution's output is bfloat16; this one gives what it gets.
    private static Tensor Entrance(Tensor leaf, bool channelsLast, bool half)
    {
        Tensor x = channelsLast ? leaf.channels_last() : leaf;
        float[] identity = [.. Enumerable.Range(0, Channels * Channels).Select(i => i % (Channels + 1) == 0 ? 1f : 0)];
        return half ? functional.conv2d(x, torch.tensor(identity, [Channels, Channels, 1, 1])) : x;
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        float[] wanted = expected.ToArray();
        float[] found = actual.ToArray();
        double size = Math.Sqrt(wanted.Average(value => value * value));
        double distance = Math.Sqrt(wanted.Zip(found, (a, b) => (double)(a - b) * (a - b)).Average());
        Assert.True(distance <= tolerance * size, $"{what}: {distance} apart, of {size}");
    }

    // Values that bfloat16 has too, so that only the operators' own rounding is seen.
    private Tensor Uniform(long[] shape, float from, float to)
    {
        float Next() => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(from + ((to - from) * random.NextSingle())) & ~0xFFFF);
        return torch.tensor([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => Next())], shape);
    }
}
