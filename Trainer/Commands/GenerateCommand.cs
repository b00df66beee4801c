using System.CommandLine;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Reports;
using SkiaSharp;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer generate</c>: writes the sample faces as image folders.</summary>
internal static class GenerateCommand
{
    public static Command Create() => new CommandOptions<GenerateOptions>().AddTo(new Command("generate", "Write the built-in sample faces as image folders"), Run);

    private static int Run(GenerateOptions options, InvocationConfiguration console, CancellationToken stop)
    {
        string root = options.Output.FullName;
        Prepare(root, options.Force);
        Write(root, options.Count, options.Seed, stop);
        console.Output.WriteLine($"wrote {Quantity.Pluralize(options.Count, "face")} to {root}");
        return ExitCodes.Success;
    }

    private static void Prepare(string root, bool force)
    {
        if (File.Exists(root))
        {
            throw new UsageException($"{root} is a file; name a folder with --output");
        }

        if (!Directory.Exists(root) || !Directory.EnumerateFileSystemEntries(root).Any())
        {
            return;
        }

        if (!force)
        {
            throw new UsageException($"{root} is not empty; name another folder with --output, or write into it with --force");
        }

        IEnumerable<string> folders = Enum.GetValues<Emotion>()
            .SelectMany(label => new[] { Folder(root, "train", label), Folder(root, "validation", label) })
            .Where(Directory.Exists);
        foreach (string earlier in folders.SelectMany(folder => Directory.GetFiles(folder, "sample-*.png")))
        {
            File.Delete(earlier);
        }
    }

    private static void Write(string root, int count, ulong seed, CancellationToken cancellationToken)
    {
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, index =>
        {
            // Classes alternate, so every fifth round of seven is for validation.
            string split = index / Emotions.Count % 5 == 4 ? "validation" : "train";
            string folder = Folder(root, split, SampleFaces.LabelOf(index));
            using SKImage image = FacePng.Image(SampleFaces.Draw(seed, index));
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, $"sample-{index:D6}.png"), FacePng.Encode(image));
        });
    }

    private static string Folder(string root, string split, Emotion label) =>
        Path.Combine(root, split, $"{label}".ToLowerInvariant());

    private sealed record GenerateOptions
    {
        [Setting("Folder that receives train/<class>/*.png and validation/<class>/*.png, in a ratio of four to one", Value = "DIR", Required = true)]
        public DirectoryInfo Output { get; init; } = new(".");
        [Setting("Total number of faces", Min = 1)] public int Count { get; init; } = 7000;
        [Setting("The same seed gives the same faces")] public ulong Seed { get; init; } = 1;
        [Setting("Write into a folder that is not empty: faces generated there before are deleted, other files stay")] public bool Force { get; init; }
    }
}
