using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Output;

/// <summary>Writes annotated still images, each atomically to a separate file of the same size and name. Not thread-safe.</summary>
internal sealed class AnnotatedImages : IFrameSink, IDisposable
{
    // Formats that are kept. Others become PNG, because OpenCV cannot write them, or not in colour.
    private static readonly string[] Formats = [".bmp", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"];

    private readonly Dictionary<string, string> targets;
    private readonly StageTimings timings;
    private readonly Annotator annotator = new();
    private readonly Frame canvas = new();

    /// <summary>Checks that the files can be written.</summary>
    /// <param name="output">An image, or a folder for all.</param>
    public AnnotatedImages(string output, ImageSource source, bool force, StageTimings timings)
    {
        this.timings = timings;
        if (IsImage(output) && source.Paths.Count > 1)
        {
            throw new UsageException($"{output}: one file for {source.Paths.Count} images. Name a folder, such as 'annotated/', or a video.");
        }

        if (Directory.Exists(source.Name) && OutputFiles.IsWithin(source.Name, output))
        {
            throw new UsageException($"{output}: annotated images in {source.Name} would be inputs of the next run. Name another folder.");
        }

        targets = source.Paths.ToDictionary(path => path, path => IsImage(output) ? output : Path.Combine(output, NameOf(ImageSource.NameWithin(source.Name, path))));
        OutputFiles.CheckDistinct(source.Paths, targets.Values);
        OutputFiles.CheckFree(force, targets.Values);
        OutputFiles.CreateFolderOf(targets.Values.First());
    }

    /// <summary>Whether an output names images: a folder, or a file with an image's extension.</summary>
    public static bool IsImageOutput(string output) => IsImage(output) || Directory.Exists(output) || !Path.HasExtension(output);

    /// <summary>Returns the name of an image's annotated copy.</summary>
    public static string NameOf(string image) => HasFormat(image) ? image : image + ".png";

    public void Write(Frame frame, FrameResult result)
    {
        using (timings.Measure("draw"))
        {
            frame.CopyTo(canvas);
            annotator.Draw(canvas, result.Faces);
        }

        using (timings.Measure("encode"))
        {
            string target = targets[result.Source];
            string format = Path.GetExtension(target);
            byte[] file = canvas.Mat.ImEncode(format.Equals(".jfif", StringComparison.OrdinalIgnoreCase) ? ".jpg" : format);
            AtomicFile.Write(target, stream => stream.Write(file));
        }
    }

    public void Dispose() => canvas.Dispose();

    private static bool IsImage(string output) => HasFormat(output) && !Directory.Exists(output);

    private static bool HasFormat(string path) => Formats.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
