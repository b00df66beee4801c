using System.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer export</c>: exports a checkpoint as an ONNX file, or changes an ONNX file's batch size or main output.</summary>
internal static class ExportCommand
{
    private const int ProbeFaces = 70;

    public static Command Create()
    {
        var options = new CommandOptions<ExportOptions>();
        Command command = options.AddTo(new Command("export", "Write a trained network as an ONNX file"), Run);
        options.Check(command, (typed, _) => typed.Contains("--checkpoint") == typed.Contains("--model") ? "Name either --checkpoint or --model." : null);
        return command;
    }

    private static int Run(ExportOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        string path = options.Output;
        string structure = Path.ChangeExtension(path, ".architecture.json");
        OutputFiles.CheckEnding(path, ".onnx");
        OutputFiles.Check(options.Force, [options.Checkpoint, options.Model], path, options.Checkpoint is null ? null : structure);
        FaceDataset faces = FaceDataset.Load(FaceSource.Samples(0, ProbeFaces, seed: 1));
        byte[] content;
        if (options.Checkpoint is { } file)
        {
            // On the CPU, so that a checkpoint of any machine can be exported.
            (TrainingState state, DataReference data) = Checkpoint.Load(file, Compute.Resolve("cpu", Precision.Fp32));
            using TrainingState owned = state;
            if (options.Answer is not null && !state.Network.HasVotes)
            {
                throw new UsageException($"{file}: it was not trained on votes, so it predicts labels only; leave --answer out");
            }

            (content, string architecture) = TrainedModel.Of(state, data, faces, path, options.Answer ?? OutputHead.Auto);
            content = options.BatchSize is { } size ? OnnxExporter.Rebatch(content, path, size, faces) : content;
            AtomicFile.WriteText(structure, architecture);
        }
        else
        {
            content = File.ReadAllBytes(options.Model!);
            if (options.Answer is { } answer)
            {
                content = OnnxExporter.WithHead(options.Model!, answer, faces);
                console.Output.WriteLine("not calibrated: a calibration belongs to one output. Calibrate the file with 'Trainer calibrate'");
            }

            content = OnnxExporter.Rebatch(content, options.Model!, options.BatchSize, faces);
        }

        AtomicFile.Write(path, stream => stream.Write(content));
        console.Output.WriteLine($"wrote {path}");
        return ExitCodes.Success;
    }

    private sealed record ExportOptions
    {
        [Setting("A checkpoint of a training run", Value = "FILE.safetensors")] public string? Checkpoint { get; init; }
        [Setting("An exported model, to be written again", Value = "FILE.onnx")] public string? Model { get; init; }
        [Setting("The file to write", Value = "FILE.onnx", Required = true)] public string Output { get; init; } = "";
        [Setting("Fix the batch size, which OpenCV's DNN module needs; without it, any batch size", Min = 1)] public int? BatchSize { get; init; }
        [Setting("The main output of a network that was trained on votes; without it, the one that training chose, or the model's")] public OutputHead? Answer { get; init; }
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}
