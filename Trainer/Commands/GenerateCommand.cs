using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Trainer.Reports;
using SkiaSharp;

namespace MlNetEmotion.Trainer.Commands;

/// <summary><c>Trainer generate</c>: writes the sample faces as image folders.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Folder that receives train/<class>/*.png and validation/<class>/*.png, in a ratio of four to one",
            HelpName = "DIR",
            Required = true,
        };
        var count = new Option<int>("--count") { Description = "Total number of faces", HelpName = "N", DefaultValueFactory = _ => 7000 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same faces", HelpName = "N", DefaultValueFactory = _ => 1 };
        var force = new Option<bool>("--force")
        {
            Description = "Write into a folder that is not empty: faces generated there before are deleted, other files stay",
        };
        count.MustBe(1);
        var command = new Command("generate", "Write the built-in sample faces as image folders") { output, count, seed, force };
        command.SetAction((parsed, cancellationToken) =>
        {
            string root = parsed.GetRequiredValue(output).FullName;
            Prepare(root, parsed.GetValue(force));
            int faces = parsed.GetValue(count);
            Write(root, faces, parsed.GetValue(seed), cancellationToken);
            parsed.InvocationConfiguration.Output.WriteLine($"wrote {Quantity.Pluralize(faces, "face")} to {root}");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
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
}
