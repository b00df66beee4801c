using System.Diagnostics;
using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>Shows a run's progress: a live bar on a terminal, a plain line an epoch where output is redirected.</summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>
{
    private readonly IAnsiConsole console;
    private readonly bool live;
    private readonly long started = Stopwatch.GetTimestamp();
    private (long Step, long Time) first = (-1, 0);
    private ProgressTask? bar;

    public TrainingDisplay(IAnsiConsole console)
    {
        this.console = console;
        live = console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal;
    }

    /// <summary>Runs something with the bar on screen.</summary>
    /// <param name="train">What reports to this display.</param>
    public bool Show(Func<bool> train)
    {
        if (!live)
        {
            return train();
        }

        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask("training");
                return train();
            });
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (bar is null)
        {
            return;
        }

        TrainingPosition position = value.Position;
        long step = ((long)position.Epoch * value.BatchCount) + position.Batch;
        if (first.Step < 0)
        {
            first = (step, started);
        }

        double imagesPerSecond = position.Faces / Math.Max(position.Seconds, 1e-9);
        bar.MaxValue = (double)value.BatchCount * value.Epochs;
        bar.Value = step;
        bar.Description =
            $"epoch {position.Epoch + 1}/{value.Epochs}  loss {position.LossSum / position.Faces:f3}  "
            + $"accuracy {(double)position.Correct / position.Faces:p1}  {imagesPerSecond:f0} images/s";
    }

    /// <summary>Writes an epoch's line.</summary>
    /// <param name="record">What it measured.</param>
    /// <param name="isBest">Whether it has the highest validation accuracy so far.</param>
    public void EpochDone(EpochRecord record, bool isBest) => console.WriteLine(
        $"epoch {record.Epoch,3}  train loss {record.TrainLoss:f4} accuracy {record.TrainAccuracy:p2}  "
        + $"validation loss {record.ValidationLoss:f4} accuracy {record.ValidationAccuracy:p2}  "
        + $"{record.ImagesPerSecond:f0} images/s  {record.Seconds:f1} s{(isBest ? "  *" : "")}");
}
