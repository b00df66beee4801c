using MlNetEmotion.Trainer.Augmentation;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Training;

namespace MlNetEmotion.Trainer.Commands;

/// <summary>The options of <c>Trainer train</c>. Settings that are not typed have the network's defaults.</summary>
internal sealed record TrainOptions
{
    /// <summary>The help of the option <c>--classes</c>, which maps a data set's class names.</summary>
    public const string ClassesHelp = "The classes of the data's folders, or of a CSV's values of 'emotion': 1=surprise,2=fear,contempt=none, where 'none' leaves a class out. "
        + "Without it, numbers are FER2013's";

    /// <summary>The description of a vote file, for <c>--help</c>.</summary>
    public const string VotesHelp = "The votes of about ten people on each image, as in FER+: a CSV with the images' names in 'file', or their paths if folders share names, and a column of votes for each class; "
        + "votes for contempt, unknown and no face (NF) are left out, and an image without any other counts by its label";

    [Setting("Image folders or FER2013's CSV; without it, generated sample faces", Value = "DIR|CSV")] public string? Data { get; init; }
    [Setting("Validation images, if the data has no such split", Value = "DIR|CSV")] public string? Validation { get; init; }
    [Setting(ClassesHelp, Value = ClassNames.Form)] public string? Classes { get; init; }
    [Setting("Leave out training images with a duplicate or near-duplicate among the validation or test images")] public bool DropDuplicates { get; init; }
    [Setting("Fail at an unreadable image instead of skipping it")] public bool Strict { get; init; }
    [Setting("The run's folder; runs/<date and time> without it", Value = "DIR")] public string? Output { get; init; }
    [Setting("Resume the run in this folder, with its own settings; --data and --validation give the new place of moved images", Value = "DIR")] public string? Resume { get; init; }
    [Setting("The network: emonet, or classic without --data")] public string? Network { get; init; }
    [Setting("Start with a trained model's weights instead of random ones", Value = "FILE.onnx|RUN")] public string? From { get; init; }
    [Setting("A trained run, checkpoint or model as a teacher; several are averaged", Name = "--teacher", Value = "RUN|FILE")] public string[] Teachers { get; init; } = [];
    [Setting(VotesHelp + "; a second head learns their shares. Repeat the option for the validation images' file", Value = "FILE.csv")] public string[] Votes { get; init; } = [];
    [Settings] public TrainingOptions Training { get; init; } = new();
    [Setting("Train on the images without augmentation")] public bool NoAugmentation { get; init; }
    [Settings] public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Returns the options with a network's defaults.</summary>
    public TrainOptions WithDefaultsOf(string network)
    {
        TrainingOptions defaults = Training.Rehearse ? TrainingOptions.ForRehearsal(network, from: null) : TrainingOptions.For(network);
        return this with { Training = defaults, Augmentation = (NoAugmentation ? AugmentationOptions.None : defaults.Augmentation) with { } };
    }

    /// <summary>Returns the settings of the run.</summary>
    /// <exception cref="UsageException">A typed option would have no effect.</exception>
    public TrainingOptions ToTrainingOptions(IReadOnlyList<string> typed)
    {
        TrainingOptions options = Training with
        {
            From = From is null ? null : ModelOf(From),
            Teachers = [.. Teachers.Select(Teacher.Of)],
            Votes = [.. Votes.Select(Path.GetFullPath)],
            Augmentation = Augmentation,
        };
        string? wrong = options.Optimizer != OptimizerKind.Sgd && typed.Contains("--momentum")
                ? $"--momentum applies to SGD only, and {options.Network} trains with {options.Optimizer}: leave it out, or add --optimizer sgd"
            : options.Rehearse && (options.From is null || typed.Any(name => name is "--teacher" or "--votes"))
                ? "--rehearse teaches by the model of --from alone, and keeps its heads: name one with '--from FILE.onnx', and leave out --teacher and --votes"
            : options.Teachers.Count == 0 && !options.Rehearse && typed.Contains("--teacher-share") ? "--teacher-share needs a teacher: add --teacher RUN, or leave it out"
            : options.Votes.Count == 0 && typed.FirstOrDefault(name => name is "--vote-share" or "--answer") is { } needsVotes ? $"{needsVotes} needs votes: add --votes FILE.csv, or leave it out"
            : null;
        return wrong is null ? options : throw new UsageException(wrong);
    }

    private static string ModelOf(string from)
    {
        string path = Directory.Exists(from) ? new RunDirectory(from).Model : from;
        return File.Exists(path) ? path : throw new UsageException($"--from {from}: no model there; name a model's file, or the folder of a finished run");
    }
}
