using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Tests.Trainer.Training;

/// <summary>Does something after each step, at once.</summary>
internal sealed class ProgressCallback(Action<TrainingProgress> stepDone) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => stepDone(value);
}
