using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Network;

[Collection(nameof(TorchCollection))]
public sealed class NetworksTests
{
    // seed: convolutions 320 + 9,248 + 18,496 + 36,928, dense 9216 · 128 + 128 = 1,179,776 and 128 · 7 + 7 = 903.
    // emonet: stem 9 · 32 + 64 = 352. A block of w channels behind v: 9vw + 2w + 9w² + 2w, gate 2 · w · w/8 + w/8 + w,
    // and where v ≠ w a shortcut of vw + 2w: 2 · 18,852; 58,824 + 75,080; 234,384 + 299,664; 935,712 + 1,197,344.
    // Head 256 · 7 + 7 = 1,799.
    // emonet-large: 352; 2 · 18,852; 85,370 + 117,210; 365,940 + 468,020; 1,461,480 + 1,870,440; head 320 · 7 + 7.
    // emonet-small: stem 25 · 32 + 64; 18,852; 58,824; 234,384; 128 to 192 588,120; head 192 · 7 + 7.
    [Theory]
    [InlineData("seed", 1_245_671)]
    [InlineData("emonet", 2_840_863)]
    [InlineData("emonet-small", 902_395)]
    [InlineData("emonet-large", 4_408_763)]
    public void Create_ANetwork_HasTheParametersOfItsDrawing(string name, long expected) =>
        Assert.Equal(expected, Networks.Create(name).Parameters().Where(p => !p.IsBuffer).Sum(p => p.Count));

    [Theory]
    [InlineData("seed")]
    [InlineData("emonet")]
    [InlineData("EmoNet")]
    [InlineData("emonet-small")]
    [InlineData("emonet-large")]
    public void Forward_OfRawFaces_GivesSevenLogitsEach(string name)
    {
        Module network = Networks.Create(name);
        using var parameters = new FlatParameters(network, new Random(1), DeviceType.CPU);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGrad = torch.no_grad();
        network.train(false);
        Tensor logits = network.forward(torch.zeros([3, 1, 48, 48]));
        Assert.Equal([3, 7], logits.shape);
        Assert.All(logits.ToArray(), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Create_ANetwork_NamesParametersByTheirPlace()
    {
        string[] names = [.. Networks.Create("emonet").Parameters().Select(p => p.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(["1.weight", "2.weight", "2.bias", "2.running_mean", "2.running_var"], names.Take(5));
        Assert.Contains("5.residual.0.weight", names);
        Assert.Contains("7.shortcut.1.weight", names);
        Assert.Contains("5.residual.5.gate.1.bias", names);
    }

    [Fact]
    public void Create_UnknownName_NamesThoseThatThereAre()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Networks.Create("resnet"));
        Assert.Contains("no network is called 'resnet'; there are seed, emonet, emonet-small, emonet-large", error.Message);
    }

    [Fact]
    public void Train_OfARoot_ReachesEveryLayer()
    {
        var dropout = new Dropout(0.5);
        var network = new Sequential(new Flatten(), new Sequential(dropout));
        Assert.True(dropout.Training);
        network.train(false);
        Assert.False(dropout.Training);
        network.train(true);
        Assert.True(dropout.Training);
    }

    [Fact]
    public void Value_WithoutMemory_SaysWhatIsMissing() =>
        Assert.Contains(nameof(FlatParameters), Assert.Throws<InvalidOperationException>(() => Networks.Create("seed").Parameters().First().Value).Message);
}
