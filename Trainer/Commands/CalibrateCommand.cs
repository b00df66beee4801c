using System.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer calibrate</c>: calibrates a model's probabilities on given faces.</summary>
internal static class CalibrateCommand
{
    public static Command Create() => new CommandOptions<CalibrateOptions>().AddTo(new Command("calibrate", "Calibrate a model's probabilities"), Run);

    private static int Run(CalibrateOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        OutputFiles.CheckEnding(options.Output, ".onnx");
        OutputFiles.Check(options.Force, [options.Model], options.Output);
        FaceDataset faces = options.Faces.Load([options.Model], options.Votes, console.Error, stop);
        if (CalibrationCheck.TooFew(faces) is { } tooFew)
        {
            throw new InvalidDataException($"{faces.Name}: {tooFew}; nothing was written. Add validation images");
        }

        ModelProto read = OnnxExporter.Parse(File.ReadAllBytes(options.Model), options.Model);
        if (options.Votes.Length == 0 && OnnxCalibration.PredictsVotes(read))
        {
            console.Error.WriteLine(Notice.Warning($"{options.Model}: its main output predicts people's votes, but is calibrated by labels without --votes").Line);
        }

        Write(read, options.Output, faces, console.Output, stop);
        return ExitCodes.Success;
    }

    /// <summary>Calibrates a model's outputs if there are enough faces, writes it and prints the result.</summary>
    internal static void Write(ModelProto model, string path, FaceDataset faces, TextWriter output, CancellationToken stop)
    {
        (byte[] calibrated, CalibrationCheck check, CalibrationCheck? labels) = OnnxCalibration.Calibrate(model, path, faces, stop);
        AtomicFile.Write(path, stream => stream.Write(calibrated));
        if (CalibrationCheck.TooFew(faces) is { } tooFew)
        {
            output.WriteLine($"not calibrated: {faces.Name}: {tooFew}. Add validation images");
        }
        else
        {
            Describe(check, "");
            Describe(labels, "label head: ");
        }

        output.WriteLine($"wrote {path}");

        void Describe(CalibrationCheck? fit, string head)
        {
            if (fit is not null)
            {
                output.WriteLine($"{head}smoothing {fit.Smoothing:f2}, temperature {fit.Temperature:f3}, fitted on {faces.Count} images");
            }

            if (fit?.ExpectedCalibrationErrorCrossFitted is double error)
            {
                output.WriteLine($"{head}expected calibration error, cross-fitted: {WilsonInterval.Mark($"{error:p2}", faces.Count)}");
            }
        }
    }

    private sealed record CalibrateOptions
    {
        [Setting("The ONNX file", Value = "FILE.onnx", Required = true)] public string Model { get; init; } = "";
        [Settings] public CalibrationFaces Faces { get; init; } = new();
        [Setting("People's votes on the faces, for a model that predicts votes; repeatable", Value = "FILE.csv")] public string[] Votes { get; init; } = [];
        [Setting("The file to write", Value = "FILE.onnx", Required = true)] public string Output { get; init; } = "";
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}

/// <summary>The options of the faces to calibrate on.</summary>
internal sealed record CalibrationFaces
{
    [Setting("Image folders or FER2013's CSV; its validation images, which the model must not be trained on", Value = "DIR|CSV", Required = true)] public string Data { get; init; } = "";
    [Setting(TrainOptions.ClassesHelp, Value = ClassNames.Form)] public string? Classes { get; init; }

    /// <summary>Loads the faces, after checking that the models exist.</summary>
    public FaceDataset Load(IEnumerable<string> models, string[] votes, TextWriter notices, CancellationToken stop)
    {
        if (models.FirstOrDefault(model => !File.Exists(model)) is { } missing)
        {
            throw new UsageException($"{missing}: there is no such file");
        }

        FaceDataset faces = FaceSource.Open(Data, ClassNames.Parse(Classes))
            .LoadSplit(Split.Validation, new LoadOptions { Votes = votes, WithoutVotes = "count by their label", CancellationToken = stop });
        DatasetNotices.Write(notices, faces);
        return faces;
    }
}
