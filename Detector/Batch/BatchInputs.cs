using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Pictures;

namespace MlNetEmotion.Detector.Batch;

/// <summary>One of many inputs.</summary>
/// <param name="Path">A video, an image, or a folder whose images are meant.</param>
/// <param name="Name">What its results are called: its file name without the ending; in a folder that was named, the way to it as well.</param>
/// <param name="OutputEnding">What its annotated video or picture ends with; a folder of pictures like any folder.</param>
internal sealed record BatchInput(string Path, string Name, string OutputEnding);

/// <summary>Finds out which inputs a user means who names several, or a folder of videos.</summary>
internal static class BatchInputs
{
    private const string VideoEnding = ".mp4";

    /// <summary>Whether the inputs are several. A folder of images alone is one: a sequence of pictures.</summary>
    public static bool AreMany(DetectorOptions options) => options.AreListed || options.Inputs.Count > 1
        || options.Inputs.Any(input => Directory.Exists(input) && PictureFolder.Files(input, (_, _) => { }).Any(VideoReader.IsVideo));

    /// <summary>Lists the inputs, those in folders by their paths' natural order.</summary>
    /// <param name="report">Told of folders that can't be read; they are left out.</param>
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

        return options.Inputs.Where(Directory.Exists).FirstOrDefault(results.PutsPicturesInto) is { } folder
            ? throw new UsageException($"{folder}: annotated videos or pictures in it would be inputs of the next run. Name another folder with '--output'.")
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
            throw new UsageException($"{input}: one of several inputs must be a file or folder. Give a camera or stream a run of its own.");
        }

        if (!Directory.Exists(input))
        {
            return [new BatchInput(input, Path.GetFileNameWithoutExtension(input), FrameSources.IsStill(input) ? Path.GetExtension(AnnotatedPictures.NameOf(input)) : VideoEnding)];
        }

        IReadOnlyList<string> files = PictureFolder.Files(input, (path, reason) => report($"skipped {path}: {reason}"));
        BatchInput[] videos = [.. files.Where(VideoReader.IsVideo).InNaturalOrder()
            .Select(path => new BatchInput(path, Path.ChangeExtension(Path.GetRelativePath(input, path), null), VideoEnding))];
        bool hasImages = files.Any(PictureFolder.IsPicture);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(input)));
        return hasImages || videos.Length == 0 ? [.. videos, new BatchInput(input, name, "/")] : videos;
    }
}
