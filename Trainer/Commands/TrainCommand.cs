using System.CommandLine;
using MlNetEmotion.Trainer.Augmentation;
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

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Image folders or FER2013's CSV; without it, generated sample faces", HelpName = "DIR|CSV" };
        var validation = new Option<string>("--validation") { Description = "Validation images, if the data has no such split", HelpName = "DIR|CSV" };
        Option<string> classes = ClassesOption.Create();
        var strict = new Option<bool>("--strict") { Description = "Fail at an unreadable image instead of skipping it" };
        var dropDuplicates = new Option<bool>("--drop-duplicates")
        {
            Description = "Leave out training images with a duplicate or near-duplicate among the validation or test images",
        };
        var output = new Option<string>("--output") { Description = "The run's folder; runs/<date and time> without it", HelpName = "DIR" };
        var resume = new Option<string>("--resume") { Description = "Resume the run in this folder, with its own settings; --data and --validation give the new place of moved images", HelpName = "DIR" };
        var settings = new TrainCommandOptions();
        var command = new Command("train", "Train a network, export it and report on it") { data, validation, classes, dropDuplicates, strict, output, resume };
        settings.All.ToList().ForEach(command.Options.Add);
        command.Validators.Add(result =>
        {
            IEnumerable<Option> others = command.Options.Where(option => option != resume && option != strict && option != data && option != validation && result.GetResult(option) is { Implicit: false });
            if (result.GetResult(resume) is not null && others.FirstOrDefault() is { } other)
            {
                result.AddError($"--resume keeps the run's own settings: leave {other.Name} out.");
            }
        });

        command.SetAction((parsed, stop) =>
        {
            TextWriter console = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(resume) is string folder)
            {
                return Task.FromResult(new TrainPipeline(new RunDirectory(folder), console, stop)
                    .Resume(parsed.GetValue(strict), parsed.GetValue(data), parsed.GetValue(validation)));
            }

            var source = new DataReference(parsed.GetValue(data), parsed.GetValue(validation), DropDuplicates: parsed.GetValue(dropDuplicates), Classes: parsed.GetValue(classes));
            TrainingOptions options = settings.Bind(parsed, defaultNetwork: source.Source is null ? "classic" : "emonet");
            RunDirectory directory = parsed.GetValue(output) is string path ? new RunDirectory(path) : RunDirectory.Dated();
            return Task.FromResult(new TrainPipeline(directory, console, stop).Start(options, source, parsed.GetValue(strict)));
        });
        return command;
    }

    /// <summary>Trains on generated sample faces, as Trainer without arguments does.</summary>
    public static int TrainOnSamples(ParseResult parsed, CancellationToken stop) =>
        new TrainPipeline(RunDirectory.Dated(), parsed.InvocationConfiguration.Output, stop)
            .Start(SampleOptions, new DataReference(), strict: false);
}
