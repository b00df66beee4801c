using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer export</c>: a checkpoint as an ONNX file, or an ONNX file with another batch size.</summary>
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
        var answer = new Option<Answer>("--answer") { Description = "What a checkpoint's model that learned votes answers with; without it, what training settled" };
        batchSize.MustBe(1);
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("export", "Write a trained network as an ONNX file") { checkpoint, model, output, batchSize, answer, force };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(checkpoint) is null) == (result.GetResult(model) is null))
            {
                result.AddError("Name either --checkpoint or --model.");
            }

            if (result.GetResult(model) is not null && result.GetResult(answer) is { Implicit: false })
            {
                result.AddError("--answer needs --checkpoint: a model's answer is settled.");
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
                // Wherever it was trained: this needs no GPU.
                (TrainingSession session, DataReference data) = Checkpoint.Load(file, Compute.Resolve("cpu", Precision.Fp32));
                using TrainingSession owned = session;
                if (parsed.GetResult(answer) is { Implicit: false } && !session.Network.HasVotes)
                {
                    throw new UsageException($"{file}: it learned no votes, so it answers with labels; leave --answer out");
                }

                (content, string architecture) = TrainedModel.Of(session, data, faces, path, parsed.GetValue(answer));
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
