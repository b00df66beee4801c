using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Output;

/// <summary>Still pictures with what was found in them, each a file of its own size and name, whole or not there. Not
/// thread-safe.</summary>
internal sealed class AnnotatedPictures : IFrameSink, IDisposable
{
    // What is written as it was read. Others become PNG: OpenCV cannot write them, or not in colour.
    private static readonly string[] Formats = [".bmp", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"];

    private readonly Dictionary<string, string> targets;
    private readonly StageTimings timings;
    private readonly Annotator annotator = new();
    private readonly Frame canvas = new();

    /// <summary>Makes sure that the files may be written.</summary>
    /// <param name="output">A picture, or a folder for all.</param>
    /// <param name="source">Where the pictures come from.</param>
    public AnnotatedPictures(string output, ImageSource source, bool force, StageTimings timings)
    {
        this.timings = timings;
        if (IsPicture(output) && source.Paths.Count > 1)
        {
            throw new UsageException($"{output}: one file for {source.Paths.Count} pictures. Name a folder, such as 'annotated/', or a video.");
        }

        if (Directory.Exists(source.Name) && OutputFiles.IsWithin(source.Name, output))
        {
            throw new UsageException($"{output}: annotated pictures in {source.Name} would be inputs of the next run. Name another folder.");
        }

        targets = source.Paths.ToDictionary(path => path, path => IsPicture(output) ? output : Path.Combine(output, NameOf(ImageSource.NameWithin(source.Name, path))));
        OutputFiles.CheckDistinct(source.Paths, targets.Values);
        OutputFiles.CheckFree(force, targets.Values);
        OutputFiles.CreateFolderOf(targets.Values.First());
    }

    /// <summary>Whether a user who names this wants pictures: a folder, or a file that ends like one.</summary>
    public static bool AreMeant(string output) => IsPicture(output) || Directory.Exists(output) || !Path.HasExtension(output);

    /// <summary>What a picture's annotated copy is called.</summary>
    public static string NameOf(string picture) => HasFormat(picture) ? picture : picture + ".png";

    public bool Write(Frame frame, FrameResult result)
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

        return true;
    }

    public void Dispose() => canvas.Dispose();

    private static bool IsPicture(string output) => HasFormat(output) && !Directory.Exists(output);

    private static bool HasFormat(string path) => Formats.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
