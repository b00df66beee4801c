using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Export.Proto;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer combine</c>: combines several models in one file that averages their probabilities.</summary>
internal static class CombineCommand
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model") { Description = "A model's ONNX file; repeat the option for each", HelpName = "FILE.onnx", Required = true };
        var mirror = new Option<bool>("--mirror") { Description = "Average over each face and its mirror image too, in twice the time" };
        (Option<string> data, Option<string> classes) = (CalibrateCommand.Data(), ClassesOption.Create());
        var output = new Option<string>("--output") { Description = "The file to write", HelpName = "FILE.onnx", Required = true };
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("combine", "Write one model that averages several, and calibrate it") { models, mirror, data, classes, output, force };
        command.SetAction((parsed, stop) =>
        {
            string[] members = parsed.GetRequiredValue(models);
            string path = parsed.GetRequiredValue(output);
            if (members.Length < 2 && !parsed.GetValue(mirror))
            {
                throw new UsageException("combine takes more than one --model, or one with --mirror");
            }

            string structure = Path.ChangeExtension(path, ".architecture.json");
            OutputFiles.CheckEnding(path, ".onnx");
            OutputFiles.Check(parsed.GetValue(force), members, path, structure);
            FaceDataset faces = CalibrateCommand.Load(parsed, data, classes, members, stop);
            (ModelProto combined, string architecture) = OnnxEnsemble.Combine(members, parsed.GetValue(mirror), faces, path);
            CalibrateCommand.Write(combined, path, faces, parsed.InvocationConfiguration.Output, stop);
            AtomicFile.WriteText(structure, architecture);
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
