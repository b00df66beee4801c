using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer calibrate</c>: calibrates a model's probabilities on given faces.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The ONNX file", HelpName = "FILE.onnx", Required = true };
        (Option<string> data, Option<string> classes) = (Data(), ClassesOption.Create());
        var votes = new Option<string[]>("--votes") { Description = "People's votes on the faces, for a model that predicts votes; repeatable", HelpName = "FILE.csv" };
        var output = new Option<string>("--output") { Description = "The file to write", HelpName = "FILE.onnx", Required = true };
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("calibrate", "Calibrate a model's probabilities") { model, data, classes, votes, output, force };
        command.SetAction((parsed, stop) =>
        {
            string source = parsed.GetRequiredValue(model);
            OutputFiles.CheckEnding(parsed.GetValue(output), ".onnx");
            OutputFiles.Check(parsed.GetValue(force), [source], parsed.GetValue(output));
            FaceDataset faces = Load(parsed, data, classes, [source], stop, parsed.GetValue(votes));
            if (CalibrationCheck.TooFew(faces) is { } tooFew)
            {
                throw new InvalidDataException($"{faces.Name}: {tooFew}; nothing was written. Add validation images");
            }

            ModelProto read = OnnxExporter.Parse(File.ReadAllBytes(source), source);
            Write(read, parsed.GetRequiredValue(output), faces, parsed.InvocationConfiguration.Output, stop);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    /// <summary>Creates the option for the faces to calibrate on.</summary>
    internal static Option<string> Data() => new("--data")
    {
        Description = "Image folders or FER2013's CSV; its validation images, which the model must not be trained on",
        HelpName = "DIR|CSV",
        Required = true,
    };

    /// <summary>Loads the faces to calibrate on, after checking that the models exist.</summary>
    internal static FaceDataset Load(ParseResult parsed, Option<string> data, Option<string> classes, IEnumerable<string> models, CancellationToken stop, string[]? votes = null)
    {
        if (models.FirstOrDefault(model => !File.Exists(model)) is { } missing)
        {
            throw new UsageException($"{missing}: there is no such file");
        }

        FaceDataset faces = classes.Open(parsed, data).LoadSplit(Split.Validation, new LoadOptions { Votes = votes ?? [], WithoutVotes = "count by their label", CancellationToken = stop });
        DatasetNotices.Write(parsed.InvocationConfiguration.Error, faces);
        return faces;
    }

    /// <summary>Calibrates a model if there are enough faces, writes it and prints the result.</summary>
    internal static void Write(ModelProto model, string path, FaceDataset faces, TextWriter output, CancellationToken stop)
    {
        (byte[] calibrated, CalibrationCheck check) = OnnxCalibration.Calibrate(model, path, faces, stop);
        AtomicFile.Write(path, stream => stream.Write(calibrated));
        if (CalibrationCheck.TooFew(faces) is { } tooFew)
        {
            output.WriteLine($"not calibrated: {faces.Name}: {tooFew}. Add validation images");
        }
        else
        {
            output.WriteLine($"smoothing {check.Smoothing:f2}, temperature {check.Temperature:f3}, fitted on {faces.Count} images");
        }

        if (check.ExpectedCalibrationErrorCrossFitted is double error)
        {
            output.WriteLine($"expected calibration error, cross-fitted: {WilsonInterval.Mark($"{error:p2}", faces.Count)}");
        }

        output.WriteLine($"wrote {path}");
    }
}
