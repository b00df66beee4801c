using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Shows a run's progress: a bar in a terminal, and one line per epoch.</summary>
internal sealed class TrainingDisplay(ProgressDisplay display) : IProgress<StepUpdate>
{
    private string description = "training";

    /// <summary>Runs a function with the bar on screen.</summary>
    public T Show<T>(Func<T> train) => display.Show(description, () =>
    {
        T result = train();
        display.Advance(1, 1, description);    // a run that stopped early is complete too
        return result;
    });

    public void Report(StepUpdate value)
    {
        TrainingProgress progress = value.Progress;
        double imagesPerSecond = progress.Faces / Math.Max(progress.Seconds, 1e-9);
        description = $"epoch {progress.Epoch + 1}/{value.Epochs}  loss {progress.LossSum / progress.Faces:f3}  "
            + $"accuracy {(double)progress.Correct / progress.Faces:p1}  {imagesPerSecond:f0} images/s";
        display.Advance(((double)progress.Epoch * value.BatchCount) + progress.Batch, (double)value.BatchCount * value.Epochs, description);
    }

    public void EpochDone(EpochRecord record, bool isBest) => display.WriteLine(
        $"epoch {record.Epoch,3}  train loss {record.TrainLoss:f4} accuracy {record.TrainAccuracy:p2}  "
        + $"validation loss {record.ValidationLoss:f4} accuracy {record.ValidationAccuracy:p2}  "
        + $"{record.ImagesPerSecond:f0} images/s  {record.Seconds:f1} s{(isBest ? "  *" : "")}");
}
