using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Reports;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer evaluate</c>: measures a model on labelled faces.</summary>
internal static class EvaluateCommand
{
    private static readonly string[] SplitChoices = ["train", "validation", "test"];

    private const string Scoring = "scoring";

    private static readonly string DefaultReport = Path.Combine("runs", "evaluate", "report.html");

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The ONNX file; without it, the built-in model", HelpName = "FILE" };
        var data = new Option<string>("--data") { Description = "Image folders or FER2013's CSV", HelpName = "DIR|CSV", Required = true };
        Option<string> classes = ClassesOption.Create();
        var split = new Option<string>("--split")
        {
            Description = "The part of the data; without this option, data without splits is used as a whole",
            HelpName = string.Join('|', SplitChoices),
            DefaultValueFactory = _ => "validation",
        };
        split.AcceptOnlyFromAmong(SplitChoices);
        var strict = new Option<bool>("--strict") { Description = "Fail at an unreadable image instead of skipping it" };
        var tta = new Option<bool>("--tta")
        {
            Description = "Average over ten views of each face: unchanged, shifted by 2 pixels in four directions, and all mirrored; with --crop, its centre and corners instead",
        };
        var crop = new Option<int>("--crop") { Description = "With --tta, the side of the crops, which are enlarged to the whole face, as in training with --crop", HelpName = "N" };
        crop.MustBe(1, FacePreprocessor.Size);
        var votes = new Option<string[]>("--votes") { Description = TrainCommandOptions.VotesHelp, HelpName = "FILE.csv" };
        var robustness = new Option<bool>("--robustness")
        {
            Description = $"Measure on blurred, noisy, dark, compressed, covered, turned and badly cropped images too; {1 + Robustness.ConditionCount} times the work",
        };
        var against = new Option<string>("--against")
        {
            Description = "The model's training data: measure also without the images that have a duplicate or near-duplicate in it",
            HelpName = "DIR|CSV",
        };
        var json = new Option<string>("--json") { Description = "Write the metrics as JSON", HelpName = "FILE" };
        var report = new Option<string>("--report")
        {
            Description = $"The report's file; without it {DefaultReport}, which is overwritten",
            HelpName = "FILE.html",
        };
        Option<bool> force = OutputFiles.ForceOption();
        var noImages = new Option<bool>("--no-images") { Description = "Leave pictures of faces out of the report" };
        var command = new Command("evaluate", "Measure a model on labelled faces")
        {
            model, data, classes, votes, split, strict, tta, crop, robustness, against, json, report, noImages, force,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(crop) is not null && !result.GetValue(tta))
            {
                result.AddError("--crop needs --tta: a single view is the whole face.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new EvaluationRequest(
                parsed.GetValue(model),
                parsed.GetRequiredValue(data),
                ClassNames.Parse(parsed.GetValue(classes)),
                Enum.Parse<Split>(parsed.GetRequiredValue(split), ignoreCase: true),
                parsed.GetValue(strict),
                parsed.GetValue(tta),
                parsed.GetValue(crop),
                parsed.GetValue(votes) ?? [],
                parsed.GetValue(robustness),
                parsed.GetValue(against),
                parsed.GetValue(json),
                parsed.GetValue(report) ?? DefaultReport,
                parsed.GetValue(noImages)) { IsSplitTyped = parsed.GetResult(split) is { Implicit: false } };
            OutputFiles.CheckEnding(request.Report, ".html", ".htm");
            OutputFiles.CheckEnding(request.Json, ".json");
            OutputFiles.Check(parsed.GetValue(force), [request.Model, request.Data], request.Json, parsed.GetValue(report));
            OutputFiles.CheckWritable(makesFolders: true, request.Report);
            Run(request, parsed.InvocationConfiguration, cancellationToken);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static void Run(EvaluationRequest request, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        using EmotionClassifier classifier = Load(EmotionHead.Default);
        using EmotionClassifier? labelHead = classifier.HasLabelHead ? Load(EmotionHead.Labels) : null;
        var load = new LoadOptions { Strict = request.Strict, CancellationToken = cancellationToken };
        FaceDataView faces = FaceSource.Open(request.Data, request.Classes);
        FaceDataset dataset = (request.IsSplitTyped ? faces.Only(request.Split, "--split") : faces).LoadSplit(request.Split, load with { Votes = request.Votes }, "--split");
        DatasetNotices.Write(console.Error, dataset);
        var review = new ModelReview
        {
            Dataset = dataset,
            Train = request.Against is { } train ? FaceSource.Open(train, request.Classes).LoadSplit(Split.Train, load) : null,
            Calibration = request.Model is { } file && CalibrationCheck.TooFew(dataset) is null ? OnnxCalibration.Check(file, dataset, cancellationToken) : null,
            TestTimeAugmentation = request.TestTimeAugmentation,
            Crop = request.Crop,
            LabelHead = labelHead,
            Robustness = request.Robustness,
            Json = request.Json,
            Report = request.Report,
            NoImages = request.NoImages,
            Describe = evaluation => new Report
            {
                Title = $"{request.ModelName} on {request.DataName}",
                Evaluation = evaluation,
                Settings = request.Describe(classifier.Metadata),
            },
        };
        (EvaluationResult result, float[] probabilities) = Measure(review, classifier, console, cancellationToken);
        Show(result, console.Output);
        review.Write(classifier, result, probabilities);
        console.Output.WriteLine($"report: {Path.GetFullPath(request.Report)}");

        EmotionClassifier Load(EmotionHead head) => request.Model is { } path ? new EmotionClassifier(path, head: head) : EmotionClassifier.LoadDefault(head: head);
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
