using System.CommandLine;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;
using Spectre.Console;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer train</c>: from images to a checked ONNX file and a report.</summary>
internal static class TrainCommand
{
    private const double HeldOutShare = 0.1;

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Image folders or a FER2013 CSV file; without it, generated sample faces", HelpName = "DIR|CSV" };
        var validation = new Option<string>("--validation") { Description = "Validation images, where the data has no split of its own", HelpName = "DIR|CSV" };
        var network = new Option<string>("--network") { Description = "The network", HelpName = string.Join('|', Networks.Names), DefaultValueFactory = _ => "emonet" };
        network.AcceptOnlyFromAmong([.. Networks.Names]);
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the training images" };
        var seed = new Option<int?>("--seed") { Description = "Decides initial weights, order, augmentation and dropout" };
        var output = new Option<string>("--output") { Description = "The run's folder", HelpName = "DIR" };
        var resume = new Option<string>("--resume") { Description = "Go on with the run in this folder", HelpName = "DIR" };

        var command = new Command("train", "Train a network and export it") { data, validation, network, epochs, seed, output, resume };
        command.SetAction((parsed, stop) =>
        {
            TrainingOptions options = TrainingOptions.For(parsed.GetValue(network)!);
            options = options with
            {
                Epochs = parsed.GetValue(epochs) ?? options.Epochs,
                Seed = parsed.GetValue(seed) ?? options.Seed,
            };
            return Task.FromResult(Run(options, parsed.GetValue(data)!, parsed.GetValue(output)!, parsed.GetValue(resume), stop));
        });
        return command;
    }

    private static int Run(TrainingOptions options, string dataPath, string output, string? resume, CancellationToken stop)
    {
        var directory = new RunDirectory(resume ?? output);
        Directory.CreateDirectory(directory.Folder);
        TrainingData data = FaceSource.Open(dataPath).LoadTraining(null, HeldOutShare, 0);
        var reference = new DataReference(dataPath, null, "x", data.Train.ContentHash(), data.Validation.ContentHash());
        TrainingSession session = resume is not null ? Checkpoint.Load(directory.LastCheckpoint).Session : new TrainingSession(options, Compute.Resolve(options.Device, options.Precision));
        var display = new TrainingDisplay(AnsiConsole.Console);
        Console.WriteLine($"{session.Parameters.Values.numel()} parameters, {session.Compute}, {data.Train.Count} train, {data.Validation.Count} validation, {torch.get_num_threads()} threads");
        bool finished = display.Show(() => TrainingRun.Train(session, data, reference, directory, display, stop));
        return finished ? ExitCodes.Success : ExitCodes.Failure;
    }
}
