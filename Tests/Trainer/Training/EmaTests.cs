using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class EmaTests : IDisposable
{
    private readonly EmotionNetwork network = new("norm", new HistogramEqualization(), nn.BatchNorm2d(1));

    public EmaTests() => Set(1);

    public void Dispose() => network.Dispose();

    [Theory]
    [InlineData(0.9, 1, 1.8181818)] // early: (1 + 1) / (10 + 1) stays, 9/11 is new
    [InlineData(0.9, 100_000, 1.1)] // late: 0.9 stays
    [InlineData(0, 1, 2)] // no average
    public void Update_FromOneToTwo_KeepsItsShare(double decay, long step, double expected)
    {
        using var average = new Ema(network, decay);
        Set(2);
        average.Update(step);
        Assert.Equal(["1.weight", "1.bias", "1.running_mean", "1.running_var"], average.State.Select(item => item.Name));
        Assert.All(average.State, item => Assert.Equal(expected, item.Tensor.ToArray()[0], 1e-6));
    }

    [Fact]
    public void Apply_UntilDisposed_PutsTheAverageInTheNetwork()
    {
        using var average = new Ema(network, decay: 0.9);
        Set(2);
        using (average.Apply())
        {
            Assert.All(network.State, item => Assert.Equal([1f], item.Tensor.ToArray()));
        }

        Assert.All(network.State, item => Assert.Equal([2f], item.Tensor.ToArray()));
        Assert.All(average.State, item => Assert.Equal([1f], item.Tensor.ToArray()));
    }

    private void Set(float value) => network.State.ToList().ForEach(item => item.Tensor.CopyFrom([value]));
}
