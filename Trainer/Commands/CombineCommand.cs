using System.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer combine</c>: combines several models in one file that averages their probabilities.</summary>
internal static class CombineCommand
{
    public static Command Create() => new CommandOptions<CombineOptions>().AddTo(new Command("combine", "Write one model that averages several, and calibrate it"), Run);

    private static int Run(CombineOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        if (options.Models.Length < 2 && !options.Mirror)
        {
            throw new UsageException("combine takes more than one --model, or one with --mirror");
        }

        string structure = Path.ChangeExtension(options.Output, ".architecture.json");
        OutputFiles.CheckEnding(options.Output, ".onnx");
        OutputFiles.Check(options.Force, options.Models, options.Output, structure);
        FaceDataset faces = options.Faces.Load(options.Models, votes: [], console.Error, stop);
        (ModelProto combined, string architecture) = OnnxEnsemble.Combine(options.Models, options.Mirror, faces, options.Output);
        CalibrateCommand.Write(combined, options.Output, faces, console.Output, stop);
        AtomicFile.WriteText(structure, architecture);
        return ExitCodes.Success;
    }

    private sealed record CombineOptions
    {
        [Setting("A model's ONNX file; repeat the option for each", Name = "--model", Value = "FILE.onnx", Required = true)] public string[] Models { get; init; } = [];
        [Setting("Average over each face and its mirror image too, in twice the time")] public bool Mirror { get; init; }
        [Settings] public CalibrationFaces Faces { get; init; } = new();
        [Setting("The file to write", Value = "FILE.onnx", Required = true)] public string Output { get; init; } = "";
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}
