using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>A training run from its data to its report. It keeps checkpoints, and survives being stopped or killed.</summary>
internal sealed class TrainingRun(TrainingSession session, TrainingData data, DataReference reference, RunDirectory directory, TextWriter console)
{
    /// <summary>Begins a run.</summary>
    /// <returns>An exit code.</returns>
    public static int Start(TrainingOptions options, DataSelection selection, RunDirectory directory, LoadOptions load, TextWriter console, CancellationToken stop)
    {
        if (File.Exists(directory.LastCheckpoint))
        {
            throw new UsageException($"{directory.Folder} holds a run already: go on with it by --resume {directory.Folder}, or name another --output");
        }

        Compute compute = Compute.Resolve(options.Device, options.Precision);
        TrainingData data = selection.Load(load);
        using var session = new TrainingSession(options, compute);
        if (options.From is string model)
        {
            PretrainedWeights.Load(session, model, data.Train);
        }

        Directory.CreateDirectory(directory.Folder);
        return new TrainingRun(session, data, selection.Reference(data), directory, console).Go(stop);
    }

    /// <summary>Goes on with a run that was stopped or killed.</summary>
    /// <returns>An exit code.</returns>
    public static int Resume(RunDirectory directory, LoadOptions load, TextWriter console, CancellationToken stop)
    {
        if (!File.Exists(directory.LastCheckpoint))
        {
            throw new UsageException($"{directory.Folder}: no run to go on with (expected {directory.LastCheckpoint})");
        }

        (TrainingSession session, DataReference reference) = Checkpoint.Load(directory.LastCheckpoint);
        using TrainingSession owned = session;
        return new TrainingRun(session, DataSelection.Reload(reference, load), reference, directory, console).Go(stop);
    }

    private int Go(CancellationToken stop)
    {
        Describe();
        var display = new TrainingDisplay(AnsiConsole.Console, console);
        using TeacherEnsemble? teachers = session.Options.Teachers is [_, ..] named ? TeacherEnsemble.Load(named, session.Compute) : null;
        var loop = new TrainingLoop(session, data, display) { Teachers = teachers };
        bool finished = display.Show(() => loop.Run(record => Keep(record, display), stop));
        if (!finished)
        {
            Checkpoint.Save(directory.LastCheckpoint, session, reference);
            console.WriteLine($"stopped in epoch {session.Position.Epoch + 1}; go on with: Trainer train --resume {directory.Folder}");
            return ExitCodes.Success;
        }

        Finish();
        return ExitCodes.Success;
    }

    private void Describe()
    {
        DatasetNotices.Write(Console.Error, data.Train);
        DatasetNotices.Write(Console.Error, data.Validation);
        int shared = Duplicates.Shared(data.Validation, data.Train).Count;
        if (shared > 0)
        {
            Console.Error.WriteLine($"warning: {shared} of {data.Validation.Count} validation images are identical to a training image, which flatters validation figures; --drop-duplicates leaves those out");
        }

        if (data.Dropped > 0)
        {
            console.WriteLine($"{reference.Name}: {data.Dropped} training images left out, which stand in another split, identically or nearly");
        }

        string origin = data.IsHeldOut ? "held out of the training images" : "from the validation split";
        console.WriteLine($"{reference.Name}: {data.Train.Count} training images, {data.Validation.Count} validation images {origin}");
        console.WriteLine($"{session.Options.Network}: {session.Network.ParameterCount:n0} parameters, {session.Compute.PrecisionName} on {session.Compute.Device}");
    }

    // The best one first: a run that is killed in between repeats its last epoch and finds the same best again.
    private void Keep(EpochRecord record, TrainingDisplay display)
    {
        bool isBest = session.Position.Best() == record;
        if (isBest)
        {
            Checkpoint.Save(directory.BestCheckpoint, session, reference);
        }

        Checkpoint.Save(directory.LastCheckpoint, session, reference);
        display.EpochDone(record, isBest);
    }

    private void Finish()
    {
        CalibrationCheck calibration = ExportBest();
        using var classifier = new EmotionClassifier(directory.Model);
        var review = new ModelReview
        {
            Dataset = data.Validation,
            Train = data.Train,
            Calibration = calibration,
            Json = directory.Evaluation,
            Report = directory.Report,
            Describe = evaluation => new Report
            {
                Title = $"{session.Options.Network} on {reference.Name}",
                Evaluation = evaluation,
                History = session.Position.History,
                Settings = Settings(),
            },
        };
        EvaluationResult result = review.Write(classifier);

        EpochRecord chosen = session.Position.Best()!;
        console.WriteLine($"best epoch {chosen.Epoch}: {result.Accuracy:p2} of {result.Samples} validation images "
            + $"(95 % interval {result.ConfidenceInterval95[0]:p2} to {result.ConfidenceInterval95[1]:p2}), macro F1 {result.MacroF1:f3}");
        console.WriteLine($"model:  {Path.GetFullPath(directory.Model)}");
        console.WriteLine($"report: {Path.GetFullPath(directory.Report)}");
        console.WriteLine($"try it: dotnet run --project Detector -- --demo --model {directory.Model}");
    }

    // The checkpoint keeps the calibration, so that exporting it gives the run's model again.
    private CalibrationCheck ExportBest()
    {
        (TrainingSession best, _) = Checkpoint.Load(directory.BestCheckpoint, session.Compute);
        using TrainingSession owned = best;
        best.Position.Calibration = TrainedModel.Calibrate(best, data.Validation);
        (byte[] model, string architecture) = TrainedModel.Of(best, reference, data.Validation, directory.Model);
        AtomicFile.Write(directory.Model, stream => stream.Write(model));
        AtomicFile.WriteText(Path.ChangeExtension(directory.Model, ".architecture.json"), architecture);
        Checkpoint.Save(directory.BestCheckpoint, best, reference);
        return best.Position.Calibration;
    }

    private KeyValuePair<string, string>[] Settings()
    {
        TrainingOptions options = session.Options;
        return
        [
            new("Network", $"{options.Network}, {session.Network.ParameterCount:n0} parameters"),
            new("Started from", Path.GetFileName(options.From) ?? "fresh weights"),
            new("Training data", $"{reference.Name}, {data.Train.Count:n0} images"),
            new("Validation data", $"{data.Validation.Count:n0} images{(data.IsHeldOut ? ", held out" : "")}"),
            new("Epochs", $"{session.Position.History.Count} of {options.Epochs}"),
            new("Batch size", $"{options.BatchSize}"),
            new("Optimizer", $"{options.Optimizer}, learning rate {options.LearningRate:g3}, weight decay {options.WeightDecay:g3}"),
            new("Label smoothing", $"{options.LabelSmoothing:g3}"),
            new("Mixup, CutMix", $"{options.Augmentation.MixupAlpha:g3}, {options.Augmentation.CutMixAlpha:g3}"),
            new("Sharpness-aware radius", $"{options.SharpnessRadius:g3}"),
            new("Class balance", $"{options.Balance:g3}"),
            new("Teachers", options.Teachers.Count == 0 ? "none" : $"{options.Teachers.Count}, with a share of {options.TeacherShare:g3}"),
            new("Weight average", $"{options.EmaDecay:g4}"),
            new("Seed", $"{options.Seed}"),
            new("Precision", $"{session.Compute.PrecisionName} on {session.Compute.Device}"),
            new("Written by", $"MlNetEmotion {ProductVersion.Current}"),
        ];
    }
}
