using System.CommandLine;
using System.Globalization;
using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Data;
using MlNetEmotion.Trainer.Export;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer adopt</c>: converts a model from another system.</summary>
internal static class AdoptCommand
{
    private const int ProbeFaces = 14;

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "Another system's model: one image in, a value for each class out, with or without a softmax", HelpName = "FILE.onnx", Required = true };
        var labels = new Option<string>("--labels")
        {
            Description = "Its classes, in the order of its outputs; 'none' for an ignored one. For example angry,disgust,fear,happy,sad,surprise,neutral",
            HelpName = "CLASS,…",
            Required = true,
        };
        var output = new Option<string>("--output") { Description = "The file to write", HelpName = "FILE.onnx", Required = true };
        var layout = new Option<Layout?>("--layout") { Description = "The order of its input's dimensions: NCHW as in PyTorch, NHWC as in Keras; without it, inferred from the shape", HelpName = "nchw|nhwc" };
        var size = new Option<int?>("--size") { Description = "Its input's side, if the file leaves it open. Faces of 48x48 are resized to it", HelpName = "N" };
        size.MustBe(1);
        var mean = new Option<string>("--mean") { Description = "Subtracted from gray values of 0 to 255: a number, or one per channel. [default: 0]", HelpName = "X[,X,X]" };
        var scale = new Option<string>("--scale") { Description = "The factor on the difference: a number such as 1/255, or one per channel. [default: 1]", HelpName = "X[,X,X]" };
        Option<bool> force = OutputFiles.ForceOption();
        var command = new Command("adopt", "Wrap another system's model into a file that Detector and the package read") { model, labels, output, layout, size, mean, scale, force };
        command.SetAction(parsed =>
        {
            (string source, string path) = (parsed.GetRequiredValue(model), parsed.GetRequiredValue(output));
            OutputFiles.CheckEnding(path, ".onnx");
            OutputFiles.Check(parsed.GetValue(force), [source], path);
            var import = new ImportOptions(Labels(parsed.GetRequiredValue(labels)))
            {
                Layout = parsed.GetValue(layout),
                Size = parsed.GetValue(size),
                Mean = Numbers("--mean", parsed.GetValue(mean) ?? "0"),
                Scale = Numbers("--scale", parsed.GetValue(scale) ?? "1"),
            };
            (byte[] content, bool areProbabilities) = OnnxImporter.Import(File.ReadAllBytes(source), source, import, FaceDataset.Load(FaceSource.Samples(0, ProbeFaces, seed: 1)));
            AtomicFile.Write(path, stream => stream.Write(content));
            parsed.InvocationConfiguration.Output.WriteLine(
                $"wrote {path}; the outputs of {Path.GetFileName(source)} are taken for {(areProbabilities ? "probabilities" : "logits")}; "
                + $"'Trainer evaluate --model {path} --data DIR' shows whether its classes, mean and scale are right");
            return ExitCodes.Success;
        });
        return command;
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
}
