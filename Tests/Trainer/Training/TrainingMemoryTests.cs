using MlNetEmotion.Trainer.Training;
using TorchSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

public sealed class TrainingMemoryTests
{
    [Fact]
    public void Run_AfterItsFirstSteps_KeepsAsManyTensors()
    {
        const int warmup = 5;
        var live = new List<long>();
        var progress = new ProgressCallback(_ => live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount));
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Epochs = 2, BatchSize = 4 });
        new TrainingLoop(state, SmallNetwork.Data(train: 80, validation: 7), progress).Run(_ => { }, TestContext.Current.CancellationToken);

        // Counted by TorchSharp, so that no other memory of the process blurs it: a tensor that a step or a validation leaves is one more.
        Assert.Equal(40, live.Count);
        Assert.Equal(Enumerable.Repeat(live[warmup], live.Count - warmup), live[warmup..]);
    }
}
