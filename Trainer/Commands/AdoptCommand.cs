using System.CommandLine;
using System.Globalization;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer adopt</c>: converts a model from another system.</summary>
internal static class AdoptCommand
{
    private const int ProbeFaces = 14;

    public static Command Create() => new CommandOptions<AdoptOptions>().AddTo(new Command("adopt", "Wrap another system's model into a file that Detector and the package read"), Run);

    private static int Run(AdoptOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        (string source, string path) = (options.Model, options.Output);
        OutputFiles.CheckEnding(path, ".onnx");
        OutputFiles.Check(options.Force, [source], path);
        var import = new ImportOptions(Labels(options.Labels))
        {
            Layout = options.Layout,
            Size = options.Size,
            Mean = Numbers("--mean", options.Mean),
            Scale = Numbers("--scale", options.Scale),
        };
        (byte[] content, bool areProbabilities) = OnnxImporter.Import(File.ReadAllBytes(source), source, import, FaceDataset.Load(FaceSource.Samples(0, ProbeFaces, seed: 1)));
        AtomicFile.Write(path, stream => stream.Write(content));
        console.Output.WriteLine(
            $"wrote {path}; the outputs of {Path.GetFileName(source)} are taken for {(areProbabilities ? "probabilities" : "logits")}; "
            + $"'Trainer evaluate --model {path} --data DIR' shows whether its classes, mean and scale are right");
        return ExitCodes.Success;
    }

    private static Emotion?[] Labels(string typed)
    {
        Emotion?[] labels =
        [
            .. typed.Split(',', StringSplitOptions.TrimEntries).Select(text =>
                Emotions.TryParse(text, out Emotion label) ? label
                : text == ClassNames.LeftOut ? (Emotion?)null
                : throw new UsageException($"--labels: '{text}': expected one of {string.Join(", ", Emotions.Labels)}, or '{ClassNames.LeftOut}'")),
        ];
        return labels.OfType<Emotion>().Order().SequenceEqual(Enum.GetValues<Emotion>())
            ? labels
            : throw new UsageException($"--labels '{typed}': expected each of {string.Join(", ", Emotions.Labels)} once, in the order of the model's outputs");
    }

    private static double[] Numbers(string option, string typed) =>
    [
        .. typed.Split(',').Select(text =>
        {
            double[] sides = [.. text.Split('/').Select(side => double.TryParse(side, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
            double value = sides switch { [var one] => one, [var over, var under] => over / under, _ => double.NaN };
            return double.IsFinite(value) ? value : throw new UsageException($"{option} {typed}: expected a number, such as 127.5 or 1/255, or one per channel, separated by commas");
        }),
    ];

    private sealed record AdoptOptions
    {
        [Setting("Another system's model: one image in, a value for each class out, with or without a softmax", Value = "FILE.onnx", Required = true)] public string Model { get; init; } = "";
        [Setting("Its classes, in the order of its outputs; 'none' for an ignored one. For example angry,disgust,fear,happy,sad,surprise,neutral", Value = "CLASS,…", Required = true)]
        public string Labels { get; init; } = "";
        [Setting("The file to write", Value = "FILE.onnx", Required = true)] public string Output { get; init; } = "";
        [Setting("The order of its input's dimensions: NCHW as in PyTorch, NHWC as in Keras; without it, inferred from the shape", Value = "nchw|nhwc")] public Layout? Layout { get; init; }
        [Setting("Its input's side, if the file leaves it open. Faces of 48x48 are resized to it", Min = 1)] public int? Size { get; init; }
        [Setting("Subtracted from gray values of 0 to 255: a number, or one per channel. [default: 0]", Value = "X[,X,X]")] public string Mean { get; init; } = "0";
        [Setting("The factor on the difference: a number such as 1/255, or one per channel. [default: 1]", Value = "X[,X,X]")] public string Scale { get; init; } = "1";
        [Setting(OutputFiles.ForceHelp)] public bool Force { get; init; }
    }
}
