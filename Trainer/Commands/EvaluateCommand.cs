using System.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Reports;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer evaluate</c>: measures a model on labelled faces.</summary>
internal static class EvaluateCommand
{
    private const string Scoring = "scoring";

    public static Command Create()
    {
        var options = new CommandOptions<EvaluateOptions>();
        options["--robustness"].Description += $"; {1 + Robustness.ConditionCount} times the work";
        Command command = options.AddTo(new Command("evaluate", "Measure a model on labelled faces"), Run);
        options.Check(command, (typed, result) =>
            typed.Contains("--crop") && !result.GetValue((Option<bool>)options["--tta"]) ? "--crop needs --tta: a single view is the whole face." : null);
        return command;
    }

    private static int Run(EvaluateOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        ClassNames classes = ClassNames.Parse(options.Classes);
        OutputFiles.CheckEnding(options.ReportFile, ".html", ".htm");
        OutputFiles.CheckEnding(options.Json, ".json");
        OutputFiles.Check(options.Force, [options.Model, options.AgainstModel, options.Data], options.Json, options.Report);
        OutputFiles.CheckWritable(makesFolders: true, options.ReportFile);
        using EmotionClassifier classifier = Load(EmotionHead.Default);
        using EmotionClassifier? other = options.AgainstModel is { } path ? new EmotionClassifier(path) : null;
        using EmotionClassifier? labelHead = classifier.HasLabelHead ? Load(EmotionHead.Labels) : null;
        var load = new LoadOptions { CancellationToken = stop };
        FaceDataView faces = FaceSource.Open(options.Data, classes, options.Strict);
        FaceDataset dataset = (options.Split is null ? faces : faces.Only(options.Part, "--split")).LoadSplit(options.Part, load with { Votes = options.Votes }, "--split");
        DatasetNotices.Write(console.Error, dataset);
        (CalibrationCheck? Main, CalibrationCheck? Labels) calibration =
            options.Model is { } own && CalibrationCheck.TooFew(dataset) is null ? OnnxCalibration.Check(own, dataset, stop) : default;
        var review = new ModelReview
        {
            Dataset = dataset,
            Train = options.Against is { } train ? FaceSource.Open(train, classes, options.Strict).LoadSplit(Split.Train, load) : null,
            Calibration = calibration.Main,
            LabelCalibration = calibration.Labels,
            TestTimeAugmentation = options.Tta,
            Crop = options.Crop ?? 0,
            LabelHead = labelHead,
            Against = other is null ? null : (Path.GetFileName(options.AgainstModel)!, other),
            Robustness = options.Robustness,
            Json = options.Json,
            Report = options.ReportFile,
            NoImages = options.NoImages,
            Describe = evaluation => new Report
            {
                Title = $"{options.ModelName} on {options.DataName}",
                Evaluation = evaluation,
                Settings = options.Describe(classifier.Metadata),
            },
        };
        (EvaluationResult result, float[] probabilities) = Measure(review, classifier, console, stop);
        Show(result, console.Output);
        if (result.Comparison is { } comparison)
        {
            console.Output.WriteLine(comparison.Verdict());
        }

        review.Write(classifier, result, probabilities);
        console.Output.WriteLine($"report: {Path.GetFullPath(options.ReportFile)}");
        return ExitCodes.Success;

        EmotionClassifier Load(EmotionHead head) => options.Model is { } file ? new EmotionClassifier(file, head: head) : EmotionClassifier.LoadDefault(head: head);
    }

    private static (EvaluationResult Result, float[] Probabilities) Measure(ModelReview review, EmotionClassifier classifier, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        var display = new ProgressDisplay(AnsiConsole.Console, console.Output, console.Error);
        var progress = new Progress<int>(done => display.Advance(done, review.Work, Scoring));
        return display.Show(Scoring, () => review.Measure(classifier, progress, cancellationToken), clears: true);
    }

    private static void Show(EvaluationResult result, TextWriter output)
    {
        if (Console.IsOutputRedirected)
        {
            EvaluationTable.Write(output, result);
        }
        else
        {
            EvaluationTable.Draw(AnsiConsole.Console, result);
        }
    }
}
