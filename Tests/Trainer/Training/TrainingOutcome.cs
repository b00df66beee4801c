using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Xunit;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>All that a run leaves but for the time it took.</summary>
internal sealed record TrainingOutcome(Dictionary<string, float[]> Tensors, IReadOnlyList<EpochRecord> History, double Temperature)
{
    public static TrainingOutcome Of(TrainingState state)
    {
        var tensors = new Dictionary<string, float[]>();
        foreach ((string name, Tensor tensor) in state.NamedTensors())
        {
            tensors.Add(name, tensor.ToArray());
        }

        EpochRecord[] history = [.. state.Progress.History.Select(record => record with { ImagesPerSecond = 0, Seconds = 0 })];
        return new TrainingOutcome(tensors, history, state.Progress.Temperature);
    }

    /// <summary>Bit for bit.</summary>
    public static void AssertEqual(TrainingOutcome expected, TrainingOutcome found)
    {
        Assert.Equal(expected.History, found.History);
        Assert.Equal(expected.Temperature, found.Temperature);
        Assert.Equal(expected.Tensors.Keys, found.Tensors.Keys);
        foreach ((string name, float[] values) in expected.Tensors)
        {
            Assert.True(values.SequenceEqual(found.Tensors[name]), $"{name} differs");
        }
    }
}
