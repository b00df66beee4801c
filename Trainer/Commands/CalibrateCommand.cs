using System.CommandLine;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer calibrate</c>: a model whose probabilities mean what they say on given faces.</summary>
internal static class CalibrateCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The ONNX file", HelpName = "FILE.onnx", Required = true };
        var data = new Option<string>("--data")
        {
            Description = "Image folders or FER2013's CSV; its validation images, which the model must not be trained on",
            HelpName = "DIR|CSV",
            Required = true,
        };
        var output = new Option<string>("--output") { Description = "The file to write", HelpName = "FILE.onnx", Required = true };
        var command = new Command("calibrate", "Make a model's probabilities mean what they say") { model, data, output };
        command.SetAction((parsed, stop) =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(output);
            if (!File.Exists(parsed.GetRequiredValue(model)))
            {
                throw new UsageException($"{parsed.GetRequiredValue(model)}: there is no such file");
            }

            FaceDataset faces = FaceSource.Open(parsed.GetRequiredValue(data)).LoadSplit(Split.Validation, new LoadOptions { CancellationToken = stop });
            DatasetNotices.Write(console.Error, faces);
            CalibrationCheck check = OnnxCalibration.Calibrate(parsed.GetRequiredValue(model), path, faces, stop);
            console.Output.WriteLine($"smoothing {check.Smoothing:f2}, temperature {check.Temperature:f3}, fitted on {faces.Count} images");
            if (check.ExpectedCalibrationErrorCrossFitted is double error)
            {
                console.Output.WriteLine($"expected calibration error, cross-fitted: {error:p2}");
            }

            console.Output.WriteLine($"wrote {path}");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
