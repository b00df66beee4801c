using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>Alone in the process while it runs: others' memory is not to be measured.</summary>
[Collection(nameof(ResidentMemoryTests))]
public sealed class TrainingMemoryTests
{
    [Fact]
    public void Run_3000Steps_LeavesResidentMemoryFlat()
    {
        const int warmup = 500;
        int steps = 0;
        long before = 0;
        var progress = new ProgressCallback(_ => before = ++steps == warmup ? Environment.WorkingSet : before);
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Epochs = 70, BatchSize = 4 });
        new TrainingLoop(state, SmallNetwork.Data(train: 200, validation: 7), progress).Run(_ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(warmup + 3000, steps);

        // A batch that is not freed takes 72 MB in all, the smallest activation 16 MB. Heaps breathe by a few megabytes.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 12 << 20);
    }
}
