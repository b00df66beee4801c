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
        const int warmup = 500, half = 1500;
        int steps = 0;
        var memory = new Dictionary<int, long>();
        var progress = new ProgressCallback(_ => memory[++steps % half == warmup ? steps : 0] = Environment.WorkingSet);
        using TrainingState state = SmallNetwork.State(SmallNetwork.Options with { Epochs = 70, BatchSize = 4 });
        new TrainingLoop(state, SmallNetwork.Data(train: 200, validation: 7), progress).Run(_ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(warmup + (2 * half), steps);

        // A batch that is not freed takes 36 MB in each half, the smallest activation 8 MB. Heaps grow once by some megabytes, a leak in both halves.
        long first = memory[warmup + half] - memory[warmup], second = memory[warmup + (2 * half)] - memory[warmup + half];
        Assert.InRange(Math.Min(first, second), long.MinValue, 6 << 20);
    }
}
