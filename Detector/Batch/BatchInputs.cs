using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Detector.Batch;

/// <summary>One of many inputs.</summary>
/// <param name="Path">A video, an image, or a folder whose images are the input.</param>
/// <param name="Name">The name of its results: the file name without its extension, relative to the folder that was given.</param>
/// <param name="OutputEnding">The extension of its annotated video or image; a slash for a folder of images.</param>
internal sealed record BatchInput(string Path, string Name, string OutputEnding);

/// <summary>Expands several inputs, or a folder of videos, to the list of inputs to process.</summary>
internal static class BatchInputs
{
    private const string VideoEnding = ".mp4";

    /// <summary>Whether there are several inputs. A folder of images without videos counts as one.</summary>
    public static bool AreMany(DetectorOptions options) => options.AreListed || options.Inputs.Count > 1
        || options.Inputs.Any(input => Directory.Exists(input) && ImageFiles.Files(input, (_, _) => { }).Any(VideoReader.IsVideo));

    /// <summary>Lists the inputs; those in folders are in the natural order of their paths.</summary>
    /// <param name="report">Receives a message per folder that cannot be read and is left out.</param>
    /// <exception cref="UsageException">Inputs or results collide, or cannot be processed as a batch.</exception>
    public static IReadOnlyList<BatchInput> Expand(DetectorOptions options, Action<string> report)
    {
        if (!options.Headless)
        {
            throw new UsageException("several inputs are processed without a window: add '--headless', or name one input.");
        }

        BatchInput[] inputs = [.. options.Inputs.SelectMany(input => Expand(input, report))];
        var results = new BatchResults(options);
        Array.ForEach(inputs, results.CheckEndings);
        CheckDistinct(inputs, results);

        return options.Inputs.Where(Directory.Exists).FirstOrDefault(results.PutsImagesInto) is { } folder
            ? throw new UsageException($"{folder}: annotated videos or images in it would be inputs of the next run. Name another folder with '--output'.")
            : inputs;
    }

    private static void CheckDistinct(IReadOnlyList<BatchInput> inputs, BatchResults results)
    {
        var taken = new PathSet();
        foreach (BatchInput input in inputs)
        {
            taken.Add(input.Path);
        }

        string[] written = [.. inputs.SelectMany(results.Of).Select(Path.GetFullPath)];
        var folders = new PathSet();
        int count = written.Where(Path.EndsInDirectorySeparator).Count(folders.Add);
        if (written.FirstOrDefault(result => !taken.Add(result) || (count > 0 && folders.ContainsAncestorOf(result, orItself: false))) is { } twice)
        {
            throw new UsageException($"{twice}: two inputs or results would have this name. Rename the input, or write the results elsewhere.");
        }
    }

    private static BatchInput[] Expand(string input, Action<string> report)
    {
        if (FrameSources.IsCamera(input, out _) || FrameSources.IsUrl(input))
        {
            throw new UsageException($"{input}: one of several inputs must be a file or folder. Use a camera or stream in a separate run.");
        }

        if (!Directory.Exists(input))
        {
            return [new BatchInput(input, Path.GetFileNameWithoutExtension(input), FrameSources.IsStill(input) ? Path.GetExtension(AnnotatedImages.NameOf(input)) : VideoEnding)];
        }

        IReadOnlyList<string> files = ImageFiles.Files(input, (path, reason) => report($"skipped {path}: {reason}"));
        BatchInput[] videos = [.. files.Where(VideoReader.IsVideo).InNaturalOrder()
            .Select(path => new BatchInput(path, Path.ChangeExtension(Path.GetRelativePath(input, path), null), VideoEnding))];
        bool hasImages = files.Any(ImageFiles.IsImage);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(input)));
        return hasImages || videos.Length == 0 ? [.. videos, new BatchInput(input, name, "/")] : videos;
    }
}
