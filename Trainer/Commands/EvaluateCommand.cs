using System.CommandLine;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Storage;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer evaluate</c>: what a model is worth on labelled faces.</summary>
internal static class EvaluateCommand
{
    private static readonly string[] SplitChoices = ["train", "validation", "test"];

    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The ONNX file; without it, the model that comes with MlNetEmotion", HelpName = "FILE" };
        var data = new Option<string>("--data") { Description = "Image folders or FER2013's CSV", HelpName = "DIR|CSV", Required = true };
        var split = new Option<string>("--split")
        {
            Description = "Which part of the data, where it has parts",
            HelpName = string.Join('|', SplitChoices),
            DefaultValueFactory = _ => "validation",
        };
        split.AcceptOnlyFromAmong(SplitChoices);
        var strict = new Option<bool>("--strict") { Description = "Fail at an unreadable image instead of skipping it" };
        var tta = new Option<bool>("--tta")
        {
            Description = "Average over ten views of each face: as it is, shifted by 2 pixels four ways, and all that mirrored",
        };
        var json = new Option<string>("--json") { Description = "Write the figures as JSON", HelpName = "FILE" };
        var report = new Option<string>("--report")
        {
            Description = "Where the report goes",
            HelpName = "FILE.html",
            DefaultValueFactory = _ => Path.Combine("runs", "evaluate", "report.html"),
        };
        var noImages = new Option<bool>("--no-images") { Description = "Leave pictures of faces out of the report" };
        var command = new Command("evaluate", "Measure a model on labelled faces") { model, data, split, strict, tta, json, report, noImages };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new EvaluationRequest(
                parsed.GetValue(model),
                parsed.GetRequiredValue(data),
                Enum.Parse<Split>(parsed.GetRequiredValue(split), ignoreCase: true),
                parsed.GetValue(strict),
                parsed.GetValue(tta),
                parsed.GetValue(json),
                parsed.GetRequiredValue(report),
                parsed.GetValue(noImages));
            Run(request, parsed.InvocationConfiguration, cancellationToken);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static void Run(EvaluationRequest request, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        using EmotionClassifier classifier = request.Model is { } path ? new EmotionClassifier(path) : EmotionClassifier.LoadDefault();
        FaceDataset dataset = FaceSource.Open(request.Data).LoadSplit(
            request.Split,
            new LoadOptions { Strict = request.Strict, CancellationToken = cancellationToken });
        DatasetNotices.Write(console.Error, dataset);

        var evaluator = new ModelEvaluator(classifier.ClassifyBatch) { TestTimeAugmentation = request.TestTimeAugmentation };
        float[] probabilities = Predict(evaluator, dataset, cancellationToken);
        EvaluationResult result = EvaluationResult.Compute(probabilities, dataset.Labels, dataset.Unreadable.Count);
        Show(result, console.Output);
        if (request.Json is { } file)
        {
            AtomicFile.WriteText(file, result.ToJson());
        }

        var report = new Report
        {
            Title = $"{request.ModelName} on {request.DataName}",
            Evaluation = result,
            Settings = request.Describe(classifier.Metadata),
        };
        ReportWriter.Write(request.Report, request.NoImages ? report : report.WithFaces(dataset, probabilities));
        console.Output.WriteLine($"report: {Path.GetFullPath(request.Report)}");
    }

    private static float[] Predict(ModelEvaluator evaluator, FaceDataset dataset, CancellationToken cancellationToken)
    {
        if (Console.IsOutputRedirected)
        {
            return evaluator.Predict(dataset, progress: null, cancellationToken);
        }

        return AnsiConsole.Progress().AutoClear(enabled: true).Start(context =>
        {
            ProgressTask task = context.AddTask("scoring", maxValue: dataset.Count);
            return evaluator.Predict(dataset, new Progress<int>(done => task.Value = done), cancellationToken);
        });
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
