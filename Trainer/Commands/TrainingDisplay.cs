using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Shows a run's progress: a live bar on a terminal, a plain line an epoch where output is redirected.</summary>
/// <param name="terminal">Where the bar goes, if it is a terminal.</param>
internal sealed class TrainingDisplay(IAnsiConsole terminal, TextWriter output) : IProgress<TrainingProgress>
{
    private ProgressTask? bar;

    /// <summary>Runs something with the bar on screen.</summary>
    public T Show<T>(Func<T> train)
    {
        if (!terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal)
        {
            return train();
        }

        return terminal.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask("training");
                return train();
            });
    }

    public void Report(TrainingProgress value)
    {
        if (bar is null)
        {
            return;
        }

        TrainingPosition position = value.Position;
        double imagesPerSecond = position.Faces / Math.Max(position.Seconds, 1e-9);
        bar.MaxValue = (double)value.BatchCount * value.Epochs;
        bar.Value = ((double)position.Epoch * value.BatchCount) + position.Batch;
        bar.Description =
            $"epoch {position.Epoch + 1}/{value.Epochs}  loss {position.LossSum / position.Faces:f3}  "
            + $"accuracy {(double)position.Correct / position.Faces:p1}  {imagesPerSecond:f0} images/s";
    }

    public void EpochDone(EpochRecord record, bool isBest) => output.WriteLine(
        $"epoch {record.Epoch,3}  train loss {record.TrainLoss:f4} accuracy {record.TrainAccuracy:p2}  "
        + $"validation loss {record.ValidationLoss:f4} accuracy {record.ValidationAccuracy:p2}  "
        + $"{record.ImagesPerSecond:f0} images/s  {record.Seconds:f1} s{(isBest ? "  *" : "")}");
}
