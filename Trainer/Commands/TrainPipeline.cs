using Microsoft.ML;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The ML.NET pipeline as a command: LoadFaces, EmotionCnn, Fit, SaveAsOnnx, and in the place of Evaluate a report that says more.</summary>
internal sealed class TrainPipeline(RunDirectory directory, TextWriter console, CancellationToken stop)
{
    private readonly ProgressDisplay screen = new(AnsiConsole.Console, console, Console.Error);
    private TrainingRun? run;
    private TrainedModel? model;

    /// <summary>Begins a run.</summary>
    /// <returns>An exit code.</returns>
    public int Start(TrainingOptions options, DataSelection data, bool strict)
    {
        TrainingRun.Check(directory, resume: false);
        OutputFiles.CheckWritable(makesFolders: true, directory.Model);
        return Train(options, data, strict, resume: false);
    }

    /// <summary>Goes on with a run that was stopped or killed.</summary>
    /// <param name="strict">Whether an unreadable image is an error.</param>
    /// <param name="data">The run's images where they lie now; null for where they lay. They must be the same.</param>
    /// <param name="validation">The same of its validation images.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="UsageException">The images are not there, or not those that the run began with.</exception>
    public int Resume(bool strict, string? data = null, string? validation = null)
    {
        TrainingRun.Check(directory, resume: true);
        DataSelection began = DataSelection.Of(Checkpoint.DataOf(directory.LastCheckpoint));
        RequirePlace(began.Data, data, "--data");
        RequirePlace(began.Validation, validation, "--validation");
        return Train(new TrainingOptions(), began with { Data = data ?? began.Data, Validation = validation ?? began.Validation }, strict, resume: true);

        static void RequirePlace(string? began, string? now, string option)
        {
            if (now is null && began is not null && !Path.Exists(began))
            {
                throw new UsageException($"{began}: the images that the run began with are not there; where they were moved, say so with '{option} DIR'");
            }
        }
    }

    private int Train(TrainingOptions options, DataSelection selection, bool strict, bool resume)
    {
        // Until the model and the report are written: another run would begin to write into the same folder meanwhile.
        using IDisposable runs = directory.Lock();
        var ml = new MLContext(options.Seed);
        IDataView faces = selection.Load(ml, strict);
        IDataView? validation = selection.LoadValidation(ml, strict);
        var display = new TrainingDisplay(screen);
        var trainer = ml.MulticlassClassification.Trainers.EmotionCnn(options, new TrainingRunOptions
        {
            Folder = directory.Folder,
            Resume = resume,
            IsLocked = true,
            DropDuplicates = selection.DropDuplicates,
            CancellationToken = stop,
            Reference = selection.Reference,
            Noticed = notice => screen.Warn(notice.Line),
            Started = Describe,
            Progress = display,
            EpochDone = display.EpochDone,
            Finished = finished => model = finished,
        });
        EmotionTransformer transformer;
        try
        {
            transformer = display.Show(() => trainer.Fit(faces, validation));
        }
        catch (OperationCanceledException) when (run is not null)
        {
            console.WriteLine($"stopped in epoch {run.Position.Epoch + 1}; go on with: {ShellQuote.ThisProgram("train", "--resume", directory.Folder)}");
            return ExitCodes.Success;
        }

        transformer.SaveAsOnnx(directory.Model);
        AtomicFile.WriteText(Path.ChangeExtension(directory.Model, ".architecture.json"), model!.Architecture);
        Report(run!);
        return ExitCodes.Success;
    }

    private void Describe(TrainingRun started)
    {
        run = started;
        (TrainingData data, string name) = (run.Data, run.Reference.Name);
        if (TrainingNotices.Dropped(data, name) is { } dropped)
        {
            screen.WriteLine(dropped);
        }

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
            Calibration = finished.Position.Answers[finished.Position.Answer].Calibration,
            LabelHead = labelHead,
            Json = directory.Evaluation,
            Report = directory.Report,
            Describe = evaluation => new Report
            {
                Title = $"{finished.Options.Network} on {finished.Reference.Name}",
                Evaluation = evaluation,
                History = finished.Position.History,
                Settings = Settings(finished),
            },
        };
        (EvaluationResult result, float[] probabilities) = review.Measure(classifier);
        EpochRecord chosen = finished.Position.Best()!;
        console.WriteLine($"best epoch {chosen.Epoch}: {WilsonInterval.Describe(result.Accuracy, result.ConfidenceInterval95, result.Samples, $" of {result.Samples} validation images")}, {WilsonInterval.Mark($"macro F1 {result.MacroF1:f3}", result.Samples)}");
        review.Write(classifier, result, probabilities);
        console.WriteLine($"model:  {Path.GetFullPath(directory.Model)}");
        console.WriteLine($"report: {Path.GetFullPath(directory.Report)}");
        // Beside the sources, or as the installed .NET tool.
        string detector = File.Exists("Detector/Detector.csproj") ? "dotnet run --project Detector --" : "mlnetemotion";
        console.WriteLine($"try it: {detector} --demo --model {ShellQuote.Quote(directory.Model)}");
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
            new("Epochs", $"{run.Position.History.Count} of {options.Epochs}"),
            new("Batch size", $"{options.BatchSize}"),
            new("Optimizer", $"{options.Optimizer}, learning rate {options.LearningRate:g3}, weight decay {options.WeightDecay:g3}"),
            new("Label smoothing", $"{options.LabelSmoothing:g3}"),
            new("Random crop", options.Augmentation.Crop > 0 ? $"{options.Augmentation.Crop} pixels" : "none"),
            new("Mixup, CutMix", $"{options.Augmentation.MixupAlpha:g3}, {options.Augmentation.CutMixAlpha:g3}"),
            new("Sharpness-aware radius", $"{options.SharpnessRadius:g3}"),
            new("Class balance", $"{options.Balance:g3}"),
            new("Teachers", options.Teachers.Count == 0 ? "none" : $"{options.Teachers.Count}, with a share of {options.TeacherShare:g3}"),
            new("Votes", options.Votes.Count == 0 ? "none" : $"a share of {options.VoteShare:g3}; the model answers with {run.Position.Answer}"),
            new("Weight average", $"{options.EmaDecay:g4}"),
            new("Seed", $"{options.Seed}"),
            new("Precision", $"{run.Compute.PrecisionName} on {run.Compute.Device}"),
            new("Written by", $"MlNetEmotion {ProductVersion.Current}"),
        ];
    }
}
