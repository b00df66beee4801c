using MlNetEmotion.Native.Torch;
using Xunit;
using static MlNetEmotion.Native.Torch.torch.nn;

namespace MlNetEmotion.Tests.Native.Torch;

/// <summary>Values by hand. Gradients are with the layers: <see cref="Trainer.Network.GradientTests"/>.</summary>
[Collection(nameof(TorchCollection))]
public sealed class FunctionalTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Conv2d_OfTwoGroups_ConvolvesEachGroupByItself()
    {
        // Channel 0 is 1 2 / 3 4, channel 1 is 5 6 / 7 8; kernels of all ones and all twos.
        Tensor x = torch.tensor([1f, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
        Tensor weight = torch.tensor([1f, 1, 1, 1, 2, 2, 2, 2], [2, 1, 2, 2]);
        Assert.Equal([10f, 52], functional.conv2d(x, weight, groups: 2).ToArray());
    }

    [Fact]
    public void Conv2d_IsACrossCorrelation()
    {
        Tensor x = torch.tensor([1f, 2, 3], [1, 1, 1, 3]);
        Tensor weight = torch.tensor([1f, 10], [1, 1, 1, 2]);
        Assert.Equal([21.5f, 32.5f], functional.conv2d(x, weight, torch.tensor([0.5f], [1])).ToArray());
    }

    [Fact]
    public void MaxPool2d_PaddingAroundNegatives_NeverWins()
    {
        Tensor x = torch.tensor([-1f, -2, -3, -4], [1, 1, 2, 2]);
        Assert.Equal([-1f], functional.max_pool2d(x, kernelSize: 3, stride: 2, padding: 1).ToArray());
    }

    [Fact]
    public void Relu_InPlace_OverwritesItsInput()
    {
        Tensor x = torch.tensor([-1f, 2], [2]);
        Assert.Equal([0f, 2], functional.relu(x).ToArray());
        Assert.Equal([-1f, 2], x.ToArray());
        Assert.Equal([0f, 2], functional.relu(x, inplace: true).ToArray());
        Assert.Equal([0f, 2], x.ToArray());
    }

    [Fact]
    public void Softmax_OfLogarithms_IsTheirShares() =>
        Assert.Equal([0.25f, 0.75f], functional.softmax(torch.tensor([0f, MathF.Log(3)], [1, 2]), 1).ToArray(), Close);

    [Fact]
    public void BatchNorm_InTraining_MovesRunningStatisticsByATenth()
    {
        // Mean 3, biased variance 2 (which normalizes), unbiased 8/3 (which is kept).
        Tensor mean = torch.tensor([1f], [1]), variance = torch.tensor([2f], [1]), one = torch.tensor([1f], [1]), zero = torch.zeros([1]);
        Tensor x = torch.tensor([1f, 3, 3, 5], [2, 1, 1, 2]);
        float[] y = functional.batch_norm(x, mean, variance, one, zero, training: true, momentum: 0.1, eps: 0).ToArray();
        float root = MathF.Sqrt(2);
        Assert.Equal([-root, 0, 0, root], y, Close);
        Assert.Equal([(0.9f * 1) + (0.1f * 3)], mean.ToArray(), Close);
        Assert.Equal([(0.9f * 2) + (0.1f * 8 / 3)], variance.ToArray(), Close);
    }

    [Fact]
    public void BatchNorm_InInference_UsesRunningStatisticsAndKeepsThem()
    {
        Tensor mean = torch.tensor([1f], [1]), variance = torch.tensor([3f], [1]);
        Tensor weight = torch.tensor([4f], [1]), bias = torch.tensor([0.5f], [1]);
        Tensor y = functional.batch_norm(torch.tensor([3f], [1, 1, 1, 1]), mean, variance, weight, bias, training: false, momentum: 0.1, eps: 1);
        Assert.Equal([4.5f], y.ToArray()); // 4 (3 - 1) / √(3 + 1) + 0.5
        Assert.Equal([1f], mean.ToArray());
        Assert.Equal([3f], variance.ToArray());
    }

    [Fact]
    public void Dropout_OfManyOnes_ZeroesItsShareAndScalesTheRest()
    {
        torch.manual_seed(1);
        float[] ones = new float[100_000];
        Array.Fill(ones, 1);
        float[] y = functional.dropout(torch.tensor(ones, [ones.Length]), 0.25, training: true).ToArray();
        Assert.All(y.Distinct(), value => Assert.True(value == 0 || Close(value, 4f / 3)));

        // Binomial: standard deviation √(0.25 · 0.75 / 100,000) = 0.0014; five of them.
        Assert.Equal(0.25, y.Count(value => value == 0) / 100_000.0, 0.007);
    }

    [Fact]
    public void Dropout_OfOneSeed_DropsTheSame()
    {
        float[] first = Dropped(5), again = Dropped(5), other = Dropped(6);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static float[] Dropped(long seed)
        {
            torch.manual_seed(seed);
            return functional.dropout(functional.add(torch.zeros([64]), 1), 0.5, training: true).ToArray();
        }
    }

    [Fact]
    public void CrossEntropy_OfSoftTargets_WeighsEachClass()
    {
        Tensor logits = torch.tensor([0f, MathF.Log(4)], [1, 2]);
        Tensor target = torch.tensor([0.3f, 0.7f], [1, 2]);
        Assert.Equal(-(0.3 * Math.Log(0.2)) - (0.7 * Math.Log(0.8)), functional.cross_entropy(logits, target).ToSingle(), 1e-6);
    }

    [Fact]
    public void Autocast_UntilDisposed_ComputesInBfloat16()
    {
        // bfloat16 has 8 significant bits: 1 + 1/512 is rounded to 1.
        Tensor x = torch.tensor([1 + (1f / 512)], [1, 1]), one = torch.tensor([1f], [1, 1]);
        using (torch.autocast(DeviceType.CPU))
        {
            Assert.Equal([1f], functional.linear(x, one).ToArray());
        }

        Assert.Equal([1 + (1f / 512)], functional.linear(x, one).ToArray());
        using (torch.autocast(DeviceType.CPU, enabled: false))
        {
            Assert.Equal([1 + (1f / 512)], functional.linear(x, one).ToArray());
        }
    }

    // float32 has 24 significant bits: a few roundings of values around 1.
    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-6f;
}
