using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer export</c>: exports a checkpoint as an ONNX file, or changes an ONNX file's batch size.</summary>
internal static class ExportCommand
{
    private const int ProbeFaces = 70;

    public static Command Create()
    {
        var checkpoint = new Option<string>("--checkpoint") { Description = "A checkpoint of a training run", HelpName = "FILE.safetensors" };
        var model = new Option<string>("--model") { Description = "An exported model, to be written again", HelpName = "FILE.onnx" };
        var output = new Option<string>("--output") { Description = "The file to write", HelpName = "FILE.onnx", Required = true };
        var batchSize = new Option<int?>("--batch-size")
        {
            Description = "Fix the batch size, which OpenCV's DNN module needs; without it, any batch size",
            HelpName = "N",
        };
        var head = new Option<OutputHead>("--answer") { Description = "The output of a checkpoint's model that was trained on votes; without it, the one that training chose" };
        batchSize.MustBe(1);
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("export", "Write a trained network as an ONNX file") { checkpoint, model, output, batchSize, head, force };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(checkpoint) is null) == (result.GetResult(model) is null))
            {
                result.AddError("Name either --checkpoint or --model.");
            }

            if (result.GetResult(model) is not null && result.GetResult(head) is { Implicit: false })
            {
                result.AddError("--answer needs --checkpoint: the output of an exported model is fixed.");
            }
        });
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(output);
            string structure = Path.ChangeExtension(path, ".architecture.json");
            OutputFiles.CheckEnding(path, ".onnx");
            OutputFiles.Check(parsed.GetValue(force), [parsed.GetValue(checkpoint), parsed.GetValue(model)], path, parsed.GetValue(checkpoint) is null ? null : structure);
            FaceDataset faces = FaceDataset.Load(FaceSource.Samples(0, ProbeFaces, seed: 1));
            byte[] content;
            if (parsed.GetValue(checkpoint) is string file)
            {
                // On the CPU, so that a checkpoint of any machine can be exported.
                (TrainingState state, DataReference data) = Checkpoint.Load(file, Compute.Resolve("cpu", Precision.Fp32));
                using TrainingState owned = state;
                if (parsed.GetResult(head) is { Implicit: false } && !state.Network.HasVotes)
                {
                    throw new UsageException($"{file}: it was not trained on votes, so it predicts labels only; leave --answer out");
                }

                (content, string architecture) = TrainedModel.Of(state, data, faces, path, parsed.GetValue(head));
                content = parsed.GetValue(batchSize) is int size ? OnnxExporter.Rebatch(content, path, size, faces) : content;
                AtomicFile.WriteText(structure, architecture);
            }
            else
            {
                string source = parsed.GetValue(model)!;
                content = OnnxExporter.Rebatch(File.ReadAllBytes(source), source, parsed.GetValue(batchSize), faces);
            }

            AtomicFile.Write(path, stream => stream.Write(content));
            parsed.InvocationConfiguration.Output.WriteLine($"wrote {path}");
            return ExitCodes.Success;
        });
        return command;
    }
}
