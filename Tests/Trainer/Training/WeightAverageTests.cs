using MlNetEmotion.Native.Torch;
using MlNetEmotion.Tests.Native.Torch;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

[Collection(nameof(TorchCollection))]
public sealed class WeightAverageTests : IDisposable
{
    private readonly FlatParameters parameters;

    public WeightAverageTests()
    {
        var norm = new BatchNorm2d(1);
        norm.AssignNames("");
        parameters = new FlatParameters(norm, new Random(1), DeviceType.CPU);
        Set(1);
    }

    public void Dispose() => parameters.Dispose();

    [Theory]
    [InlineData(0.9, 1, 1.8181818)] // early: (1 + 1) / (10 + 1) stays, 9/11 is new
    [InlineData(0.9, 100_000, 1.1)] // late: 0.9 stays
    [InlineData(0, 1, 2)] // no average
    public void Update_FromOneToTwo_KeepsItsShare(double decay, long step, double expected)
    {
        using var average = new WeightAverage(parameters, decay);
        Set(2);
        average.Update(step);
        Assert.All(average.Values.ToArray(), value => Assert.Equal(expected, value, 1e-6));
        Assert.All(average.Buffers.ToArray(), value => Assert.Equal(expected, value, 1e-6));
    }

    [Fact]
    public void Apply_UntilDisposed_PutsTheAverageInTheNetwork()
    {
        using var average = new WeightAverage(parameters, decay: 0.9);
        Set(2);
        using (average.Apply())
        {
            Assert.All(parameters.All, p => Assert.Equal([1f], p.Value.ToArray()));
        }

        Assert.All(parameters.All, p => Assert.Equal([2f], p.Value.ToArray()));
        Assert.Equal([1f, 1], average.Values.ToArray());
    }

    private void Set(float value) => parameters.All.ToList().ForEach(p => p.Value.CopyFrom([value]));
}
