using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>Does something after each step, at once.</summary>
internal sealed class ProgressCallback(Action<StepUpdate> stepDone) : IProgress<StepUpdate>
{
    public void Report(StepUpdate value) => stepDone(value);
}
