using Microsoft.ML;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>A training run as a command: loads faces, trains, writes the model, and evaluates it in a report.</summary>
internal sealed class TrainPipeline(RunDirectory directory, TextWriter console, CancellationToken stop)
{
    private readonly ProgressDisplay screen = new(AnsiConsole.Console, console, Console.Error);

    /// <summary>Starts a run and returns an exit code.</summary>
    public int Start(TrainingOptions options, DataReference data, bool strict)
    {
        TrainingRun.Check(directory, resume: false);
        OutputFiles.CheckWritable(makesFolders: true, directory.Model);
        return Train(options, data, strict);
    }

    /// <summary>Resumes a run that was stopped or killed, and returns an exit code.</summary>
    /// <param name="strict">Whether an unreadable image is an error.</param>
    /// <param name="data">The new path of the run's images; null if they were not moved. Their content must be the same.</param>
    /// <param name="validation">The new path of the run's validation images; null if they were not moved.</param>
    /// <exception cref="UsageException">The images are missing, or differ from those of the run's start.</exception>
    public int Resume(bool strict, string? data = null, string? validation = null)
    {
        TrainingRun.Check(directory, resume: true);
        DataReference recorded = Checkpoint.DataOf(directory.LastCheckpoint);
        RequirePlace(recorded.Source, data, "--data");
        RequirePlace(recorded.Validation, validation, "--validation");
        return Train(options: null, recorded with { Source = data ?? recorded.Source, Validation = validation ?? recorded.Validation }, strict);

        static void RequirePlace(string? recorded, string? now, string option)
        {
            if (now is null && recorded is not null && !Path.Exists(recorded))
            {
                throw new UsageException($"{recorded}: the run's images are not there; if they were moved, name their new place with '{option} DIR'");
            }
        }
    }

    // Without options, resumes the run in the folder.
    private int Train(TrainingOptions? options, DataReference selection, bool strict)
    {
        IDataView faces = selection.Source is { } source ? Open(source) : new MLContext().Data.LoadSampleFaces();
        IDataView? validation = selection.Validation is { } own ? Open(own) : null;
        var display = new TrainingDisplay(screen);
        TrainingRun? run = null;    // locks the folder until the model and the report are written
        try
        {
            TrainedModel model = display.Show(() =>
            {
                if (options?.Augmentation.DetectorBoxProbability > 0)
                {
                    screen.WriteLine("finding the detector's boxes of the training images first, once per run: about a minute per 10,000 images on two cores");
                }

                run = TrainingRun.Open(directory, options, faces, validation, selection, stop);
                TrainingNotices.Of(run.Data, faces, validation, run.Options).ToList().ForEach(notice => screen.Warn(notice.Line));
                Describe(run);
                run.Train(display, display.EpochDone, stop);
                return run.Finish();
            });
            AtomicFile.Write(directory.Model, stream => stream.Write(model.Onnx));
            AtomicFile.WriteText(Path.ChangeExtension(directory.Model, ".architecture.json"), model.Architecture);
            Report(run!);
        }
        catch (OperationCanceledException) when (run is not null)
        {
            console.WriteLine($"stopped in epoch {run.Progress.Epoch + 1}; resume with: {ShellQuote.ThisProgram("train", "--resume", directory.Folder)}");
        }
        finally
        {
            run?.Dispose();
        }

        return ExitCodes.Success;

        FaceDataView Open(string path) => FaceSource.Open(path, ClassNames.Parse(selection.Classes), strict);
    }

    private void Describe(TrainingRun run)
    {
        (TrainingData data, string name) = (run.Data, run.Reference.Name);
        Array.ForEach(TrainingNotices.OfTraining(run), screen.WriteLine);
        string origin = data.IsHeldOut ? "held out of the training images" : "from the validation split";
        screen.WriteLine($"{name}: {data.Train.Count} training images, {data.Validation.Count} validation images {origin}");
        screen.WriteLine($"{run.Options.Network}: {run.ParameterCount:n0} parameters, {run.Compute.PrecisionName} on {run.Compute.Device}");
    }

    private void Report(TrainingRun finished)
    {
        using var classifier = new EmotionClassifier(directory.Model);
        using EmotionClassifier? labelHead = classifier.HasLabelHead ? new EmotionClassifier(directory.Model, head: EmotionHead.Labels) : null;
        var review = new ModelReview
        {
            Dataset = finished.Data.Validation,
            Train = finished.Data.Train,
            Calibration = finished.Progress.Heads[finished.Progress.Head].Calibration,
            LabelHead = labelHead,
            LabelCalibration = finished.Progress.Heads.GetValueOrDefault(OutputHead.Labels)?.Calibration,
            Json = directory.Evaluation,
            Report = directory.Report,
            Describe = evaluation => new Report
            {
                Title = $"{finished.Options.Network} on {finished.Reference.Name}",
                Evaluation = evaluation,
                History = finished.Progress.History,
                Settings = Settings(finished),
            },
        };
        (EvaluationResult result, float[] probabilities) = review.Measure(classifier);
        string chosen = finished.Options.Rehearse ? $"last epoch {finished.Progress.History[^1].Epoch}" : $"best epoch {finished.Progress.Best()!.Epoch}";
        console.WriteLine($"{chosen}: {WilsonInterval.Describe(result.Accuracy, result.ConfidenceInterval95, result.Samples, $" of {result.Samples} validation images")}, {WilsonInterval.Mark($"macro F1 {result.MacroF1:f3}", result.Samples)}");
        review.Write(classifier, result, probabilities);
        if (finished.Options.Rehearse)
        {
            console.WriteLine(KeptAnswers(classifier, finished.Options.From!));
        }

        console.WriteLine($"model:  {Path.GetFullPath(directory.Model)}");
        console.WriteLine($"report: {Path.GetFullPath(directory.Report)}");
        // Beside the sources, or as the installed .NET tool.
        string detector = File.Exists("Detector/Detector.csproj") ? "dotnet run --project Detector --" : "mlnetemotion";
        console.WriteLine($"try it: {detector} --demo --model {ShellQuote.Quote(directory.Model)}");
    }

    // Measured without the images that the old model was trained on, which its user seldom has.
    private static string KeptAnswers(EmotionClassifier classifier, string from)
    {
        using var old = new EmotionClassifier(from);
        FaceDataset faces = Rehearsal.UnseenFaces();
        (float[] now, float[] before) = (new ModelEvaluator(classifier.ClassifyBatch).Predict(faces), new ModelEvaluator(old.ClassifyBatch).Predict(faces));
        int kept = Enumerable.Range(0, faces.Count).Count(row => EvaluationResult.Predicted(now, row) == EvaluationResult.Predicted(before, row));
        return FormattableString.Invariant($"kept: {100.0 * kept / faces.Count:f1} % of {faces.Count} generated faces, of which it learned none, get the same answer as from {Path.GetFileName(from)}");
    }

    private static KeyValuePair<string, string>[] Settings(TrainingRun run)
    {
        TrainingOptions options = run.Options;
        return
        [
            new("Network", $"{options.Network}, {run.ParameterCount:n0} parameters"),
            new("Started from", Path.GetFileName(options.From) ?? "fresh weights"),
            new("Training data", $"{run.Reference.Name}, {run.Data.Train.Count:n0} images"),
            new("Validation data", $"{run.Data.Validation.Count:n0} images{(run.Data.IsHeldOut ? ", held out" : "")}"),
            new("Epochs", $"{run.Progress.History.Count} of {options.Epochs}"),
            new("Batch size", $"{options.BatchSize}"),
            new("Optimizer", $"{options.Optimizer}, learning rate {options.LearningRate:g3}, weight decay {options.WeightDecay:g3}"),
            new("Label smoothing", $"{options.LabelSmoothing:g3}"),
            new("Detector's box", $"with a probability of {options.Augmentation.DetectorBoxProbability:g3}"),
            new("Random crop", options.Augmentation.Crop > 0 ? $"{options.Augmentation.Crop} pixels" : "none"),
            new("Mixup, CutMix", $"{options.Augmentation.MixupAlpha:g3}, {options.Augmentation.CutMixAlpha:g3}"),
            new("Sharpness-aware radius", $"{options.SamRho:g3}"),
            new("Class balance", $"{options.ClassBalancing:g3}"),
            new("Rehearsal", options.Rehearse ? "the model that it started from, on generated faces in half of each batch" : "none"),
            new("Teachers", options.Teachers.Count == 0 ? "none" : $"{options.Teachers.Count}, with a share of {options.DistillationWeight:g3}"),
            new("Votes", options.Votes.Count == 0 ? "none" : $"a share of {options.VoteWeight:g3}; the model answers with {run.Progress.Head}"),
            new("Weight average", $"{options.EmaDecay:g4}"),
            new("Seed", $"{options.Seed}"),
            new("Precision", $"{run.Compute.PrecisionName} on {run.Compute.Device}"),
            new("Written by", $"MlNetEmotion {ProductVersion.Current}"),
        ];
    }
}

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
