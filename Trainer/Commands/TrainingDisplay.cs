using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Shows a run's progress: a bar where there is a terminal, and a line an epoch.</summary>
internal sealed class TrainingDisplay(ProgressDisplay display) : IProgress<TrainingProgress>
{
    private string description = "training";

    /// <summary>Runs something with the bar on screen.</summary>
    public T Show<T>(Func<T> train) => display.Show(description, () =>
    {
        T result = train();
        display.Advance(1, 1, description);    // a run that lost its patience is at its end too
        return result;
    });

    public void Report(TrainingProgress value)
    {
        TrainingPosition position = value.Position;
        double imagesPerSecond = position.Faces / Math.Max(position.Seconds, 1e-9);
        description = $"epoch {position.Epoch + 1}/{value.Epochs}  loss {position.LossSum / position.Faces:f3}  "
            + $"accuracy {(double)position.Correct / position.Faces:p1}  {imagesPerSecond:f0} images/s";
        display.Advance(((double)position.Epoch * value.BatchCount) + position.Batch, (double)value.BatchCount * value.Epochs, description);
    }

    public void EpochDone(EpochRecord record, bool isBest) => display.WriteLine(
        $"epoch {record.Epoch,3}  train loss {record.TrainLoss:f4} accuracy {record.TrainAccuracy:p2}  "
        + $"validation loss {record.ValidationLoss:f4} accuracy {record.ValidationAccuracy:p2}  "
        + $"{record.ImagesPerSecond:f0} images/s  {record.Seconds:f1} s{(isBest ? "  *" : "")}");
}
