using System.CommandLine;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Reports;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer samples</c>: draws a contact sheet of faces.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        var options = new CommandOptions<SamplesOptions>();
        ((Option)options["--emotion"]).HelpName = string.Join('|', Emotions.Labels);
        return options.AddTo(new Command("samples", "Draw a contact sheet of faces"), Run);
    }

    private static int Run(SamplesOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        string file = options.Output.FullName;
        OutputFiles.CheckEnding(file, ".png");
        OutputFiles.Check(options.Force, [options.Data], file);
        Emotion[] shown = Emotions.TryParse(options.Emotion, out Emotion only) ? [only] : Enum.GetValues<Emotion>();
        var choice = new FaceChoice(shown, options.Count, options.Seed);
        ILookup<Emotion, byte[]> faces = options.Data is { } data
            ? choice.From(FaceSource.Open(data, ClassNames.Parse(options.Classes)), console.Error, stop)
            : choice.Generated();
        Emotion[] drawn = [.. shown.Where(faces.Contains)];
        byte[] sheet = ContactSheet.ToPng([.. drawn.Select(one => faces[one].ToArray())]);
        AtomicFile.Write(file, stream => stream.Write(sheet));
        console.Output.WriteLine($"wrote {file}{(drawn.Length > 1 ? $": {string.Join(", ", drawn)}, from top to bottom" : "")}");
        return ExitCodes.Success;
    }

    private sealed record SamplesOptions
    {
        [Setting("Image folders or FER2013's CSV; without it, generated faces", Value = "DIR|CSV")] public string? Data { get; init; }
        [Setting(TrainOptions.ClassesHelp, Value = ClassNames.Form)] public string? Classes { get; init; }
        [Setting("Show only this expression", Check = nameof(CheckEmotion))] public string? Emotion { get; init; }

        public static string? CheckEmotion(string typed) =>
            Emotions.TryParse(typed, out _) ? null : $"--emotion is '{typed}', but must be one of {string.Join(", ", Emotions.Labels)}.";

        [Setting("The image file to write", Value = "FILE.png", Required = true)] public FileInfo Output { get; init; } = new(".");
        [Setting("Faces of each expression", Min = 1)] public int Count { get; init; } = 24;
        [Setting("The same seed chooses the same faces")] public ulong Seed { get; init; } = 1;
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}
