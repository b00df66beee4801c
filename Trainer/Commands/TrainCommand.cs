using System.CommandLine;
using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Network;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer train</c>, and Trainer without a command: trains on images and writes a verified ONNX file and a report.</summary>
internal static class TrainCommand
{
    // Enough for the generated faces, in about a minute. The drawings already vary in pose and light.
    private static readonly TrainingOptions SampleOptions = TrainingOptions.For("classic") with
    {
        Network = "emonet-small",
        Epochs = 3,
        LearningRate = 2e-3,
        EmaDecay = 0.98,
        Augmentation = AugmentationOptions.None with { FlipProbability = 0.5f },
    };

    public static Command Create()
    {
        var options = new CommandOptions<TrainOptions>(other: (new TrainOptions().WithDefaultsOf("classic"), "classic"));
        ((Option<string>)options["--network"]).AcceptOnlyFromAmong([.. Networks.Names]);
        var command = new Command("train", "Train a network, export it and report on it");
        options.Check(command, (typed, _) => typed.Contains("--resume") && typed.Except(["--resume", "--strict", "--data", "--validation"]).FirstOrDefault() is { } other
            ? $"--resume keeps the run's own settings: leave {other} out."
            : null);
        return options.AddTo(command, Run);

        Task<int> Run(TrainOptions read, ParseResult parsed, CancellationToken stop)
        {
            TextWriter console = parsed.InvocationConfiguration.Output;
            if (read.Resume is { } folder)
            {
                return Task.FromResult(new TrainPipeline(new RunDirectory(folder), console, stop).Resume(read.Strict, read.Data, read.Validation));
            }

            read = options.Read(parsed.CommandResult, read.WithDefaultsOf(read.Network ?? (read.Data is null ? "classic" : "emonet")));
            TrainingOptions settings = read.ToTrainingOptions(options.Typed(parsed.CommandResult));
            var source = new DataReference(read.Data, read.Validation, DropDuplicates: read.DropDuplicates, Classes: read.Classes);
            RunDirectory directory = read.Output is { } path ? new RunDirectory(path) : RunDirectory.Dated();
            return Task.FromResult(new TrainPipeline(directory, console, stop).Start(settings, source, read.Strict));
        }
    }

    /// <summary>Trains on generated sample faces, as Trainer without arguments does.</summary>
    public static int TrainOnSamples(ParseResult parsed, CancellationToken stop) =>
        new TrainPipeline(RunDirectory.Dated(), parsed.InvocationConfiguration.Output, stop)
            .Start(SampleOptions, new DataReference(), strict: false);
}
