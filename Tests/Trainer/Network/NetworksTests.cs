using MlNetEmotion.Tests.Trainer.Training;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;
using Linear = MlNetEmotion.Trainer.Network.Linear;

namespace MlNetEmotion.Tests.Trainer.Network;

public sealed class NetworksTests
{
    // classic: convolutions 320 + 9,248 + 18,496 + 36,928, dense 9216 · 128 + 128 = 1,179,776 and 128 · 7 + 7 = 903.
    // emonet: stem 9 · 32 + 64 = 352. A block of w channels behind v: 9vw + 2w + 9w² + 2w, gate 2 · w · w/8 + w/8 + w,
    // and where v ≠ w a shortcut of vw + 2w: 2 · 18,852; 58,824 + 75,080; 234,384 + 299,664; 935,712 + 1,197,344.
    // Head 256 · 7 + 7 = 1,799.
    // emonet-large: 352; 2 · 18,852; 85,370 + 117,210; 365,940 + 468,020; 1,461,480 + 1,870,440; head 320 · 7 + 7.
    // emonet-small: stem 25 · 32 + 64; 18,852; 58,824; 234,384; 128 to 192 588,120; head 192 · 7 + 7.
    [Theory]
    [InlineData("classic", 1_245_671)]
    [InlineData("seed", 1_245_671)] // as earlier files call it
    [InlineData("emonet", 2_840_863)]
    [InlineData("EmoNet", 2_840_863)]
    [InlineData("emonet-small", 902_395)]
    [InlineData("emonet-large", 4_408_763)]
    public void Create_ANetwork_HasTheParametersOfItsDrawingAndGivesSevenLogits(string name, long expected)
    {
        using EmotionNetwork network = Networks.Create(name);
        Assert.Equal(expected, network.ParameterCount);
        Assert.Contains(network.Name, Networks.Names);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        network.eval();
        Tensor logits = network.Logits(zeros(3, 1, 48, 48), bfloat16: false);
        Assert.Equal([3, 7], logits.shape);
        Assert.All(logits.ToArray(), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Create_ANetwork_NamesParametersByTheirPlace()
    {
        using EmotionNetwork network = Networks.Create("emonet");
        string[] names = [.. network.State.Select(item => item.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Empty(new[] { "1.weight", "2.weight", "2.bias", "2.running_mean", "2.running_var", "5.residual.0.weight", "7.shortcut.1.weight", "5.residual.5.gate.1.bias" }.Except(names));
    }

    [Fact]
    public void Create_OfOneSeed_IsTheSame()
    {
        using EmotionNetwork first = Networks.Create("emonet-small", seed: 1), again = Networks.Create("emonet-small", seed: 1), other = Networks.Create("emonet-small", seed: 2);
        Assert.Equal(Values(first), Values(again));
        Assert.NotEqual(Values(first), Values(other));

        static float[] Values(EmotionNetwork network) => network.State.Single(item => item.Name == "4.residual.0.weight").Tensor.ToArray();
    }

    [Fact]
    public void Create_UnknownName_NamesThoseThatThereAre()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Networks.Create("resnet"));
        Assert.Contains("no network is called 'resnet'; there are classic, emonet, emonet-small, emonet-large", error.Message);
    }

    [Fact]
    public void Conv2d_OfManyWeights_StartsWithItsVariance()
    {
        using var conv = new Conv2d(64, 32, kernelSize: 5);
        Networks.Initialize(conv, seed: 1);
        float[] values = conv.Weight.ToArray();

        // √(2 / (32 · 25)) = 0.05. Of 51,200 draws the mean errs by 0.00022, the deviation by 0.00016; five of these.
        Assert.Equal(0, values.Average(), 0.0011);
        Assert.Equal(0.05, Math.Sqrt(values.Average(value => (double)value * value)), 0.0008);
        Assert.Equal(0.3173, values.Count(value => Math.Abs(value) > 0.05f) / (double)values.Length, 0.0103); // outside of ±σ
    }

    [Fact]
    public void Linear_OfManyWeights_FillsItsRange()
    {
        using var linear = new Linear(4, 10_000);
        Networks.Initialize(linear, seed: 1);
        float[] values = linear.Weight.ToArray();
        Assert.InRange(values.Min(), -0.5f, -0.499f);
        Assert.InRange(values.Max(), 0.499f, 0.5f);
        Assert.Equal(0, values.Average(), 0.0073); // five of 0.289 / √40,000
    }

    [Fact]
    public void Logits_InBfloat16_AreNearThoseInFloat32()
    {
        using EmotionNetwork network = Networks.Create("emonet-small");
        RandomParameters.Fill(network, new Random(2));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        network.eval();
        Tensor images = new MlNetEmotion.Trainer.Data.DataLoader(SmallNetwork.Faces(4, seed: 1)).Epoch(0).First().ToTensors(CPU).Images;
        float[] exact = network.Logits(images, bfloat16: false).ToArray(), rough = network.Logits(images, bfloat16: true).ToArray();

        // Eight bits of mantissa in some twenty layers: off by a few percent, but not equal, as it would be in float32.
        float scale = exact.Max(Math.Abs);
        Assert.Equal(exact, rough, (a, b) => Math.Abs(a - b) < 0.1 * scale);
        Assert.NotEqual(exact, rough);
        Assert.Equal(exact, network.Logits(images, bfloat16: false).ToArray());
    }

    [Fact]
    public void Logits_OfMoreFacesThanABatch_ScoresEachInItsPlaceInInferenceMode()
    {
        FaceDataset faces = SmallNetwork.Faces(300, seed: 1);
        using EmotionNetwork network = SmallNetwork.Create();
        float[] logits = network.Heads(faces)[0];
        Assert.False(network.training);
        Assert.Equal(300 * 7, logits.Length);
        foreach (int i in new[] { 0, 127, 128, 299 })
        {
            Assert.Equal(network.Heads(faces.Select([i]))[0], logits[(i * 7)..((i + 1) * 7)], (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }
}
