using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>
/// Finds frontal faces by a cascade. It searches a copy of the frame that is scaled down until the smallest wanted face
/// just fills the cascade's window: what the full resolution would show besides are only smaller faces.
/// </summary>
internal sealed class CascadeFaceDetector : IFaceDetector
{
    /// <summary>The side of the smallest face looked for unless asked otherwise: what the emotion model sees of a face.</summary>
    public const int DefaultMinFacePixels = FacePreprocessor.Size;

    // The customary step, with fewer neighbours than the customary 5: on a smaller picture a face has fewer hits.
    private const double ScaleFactor = 1.3;
    private const int MinNeighbors = 3;

    private readonly CascadeClassifier cascade;
    private readonly double scale;
    private readonly Mat gray = new();
    private readonly Mat scaled = new();

    /// <summary>Loads a cascade.</summary>
    /// <param name="path">Its XML file.</param>
    /// <param name="minFacePixels">The side of the smallest face looked for, in the frame's pixels.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no cascade.</exception>
    public CascadeFaceDetector(string path, int minFacePixels = DefaultMinFacePixels)
    {
        cascade = new CascadeClassifier(path);
        scale = Math.Min(1, (double)cascade.WindowSize / minFacePixels);
    }

    /// <summary>The cascade that comes with OpenCV.</summary>
    /// <param name="kind">Which kind.</param>
    /// <returns>The path of its XML file.</returns>
    /// <exception cref="FileNotFoundException">OpenCV's cascades are not installed.</exception>
    public static string DefaultModel(CascadeKind kind) => CascadeFiles.Find(kind == CascadeKind.Haar
        ? "haarcascades/haarcascade_frontalface_default.xml"
        : "lbpcascades/lbpcascade_frontalface.xml");

    /// <inheritdoc/>
    public IReadOnlyList<Box> Detect(Mat frame)
    {
        int width = frame.Width;
        int height = frame.Height;
        frame.CvtColorTo(gray, ColorConversion.BgrToGray);
        gray.ResizeTo(scaled, ScaledSide(width), ScaledSide(height), Interpolation.Area);
        double scaleX = (double)width / scaled.Width;
        double scaleY = (double)height / scaled.Height;
        var frameBounds = new Box(0, 0, width, height);
        Box[] faces = cascade.DetectMultiScale(scaled, ScaleFactor, MinNeighbors, cascade.WindowSize);
        for (int i = 0; i < faces.Length; i++)
        {
            Box found = faces[i];
            faces[i] = Clip(Round(found.X * scaleX), Round(found.Y * scaleY), Round(found.Width * scaleX), Round(found.Height * scaleY), frameBounds);
        }

        // The search runs on several threads and finds in any order.
        Array.Sort(faces, (a, b) => (a.X, a.Y).CompareTo((b.X, b.Y)));
        return faces;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cascade.Dispose();
        gray.Dispose();
        scaled.Dispose();
    }

    private static int Round(double value) => (int)Math.Round(value);

    private static Box Clip(int x, int y, int width, int height, Box bounds) =>
        new(x, y, Math.Min(width, bounds.Width - x), Math.Min(height, bounds.Height - y));

    private int ScaledSide(int side) => Math.Max(1, Round(side * scale));
}
