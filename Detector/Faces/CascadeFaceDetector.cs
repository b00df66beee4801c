using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Finds frontal faces by a cascade, in a gray copy of the frame that is scaled down.</summary>
internal sealed class CascadeFaceDetector : IFaceDetector
{
    // The customary step, with fewer neighbours than the customary 5: on a smaller picture a face has fewer hits.
    private const double ScaleFactor = 1.3;
    private const int MinNeighbors = 3;

    private readonly CascadeClassifier cascade;
    private readonly FaceDetectorOptions options;
    private readonly FrameScaler scaler;
    private readonly Mat gray = new();
    private FaceDetection[] faces = [];

    /// <summary>Loads a cascade.</summary>
    /// <param name="path">Its XML file.</param>
    /// <param name="options">How to look for faces; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no cascade.</exception>
    public CascadeFaceDetector(string path, FaceDetectorOptions? options = null)
    {
        this.options = options ?? new FaceDetectorOptions();
        cascade = new CascadeClassifier(path);
        scaler = new FrameScaler(this.options.DetectWidth);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<FaceDetection> Detect(Mat frame)
    {
        // First gray, then small: averaging areas of one channel takes less than half as long as of three.
        frame.CvtColorTo(gray, ColorConversion.BgrToGray);
        Mat small = scaler.Scale(gray);
        int minSide = Math.Max(cascade.WindowSize, (int)(options.MinFacePixels / scaler.ScaleX));
        ReadOnlySpan<Box> found = cascade.DetectMultiScale(small, ScaleFactor, MinNeighbors, minSide);
        if (faces.Length < found.Length)
        {
            faces = new FaceDetection[found.Length];
        }

        for (int i = 0; i < found.Length; i++)
        {
            faces[i] = new FaceDetection(scaler.ToFrame(found[i].X, found[i].Y, found[i].Width, found[i].Height));
        }

        // The search runs on several threads and finds in any order.
        Span<FaceDetection> result = faces.AsSpan(0, found.Length);
        result.Sort(static (a, b) => (a.Box.X, a.Box.Y).CompareTo((b.Box.X, b.Box.Y)));
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cascade.Dispose();
        scaler.Dispose();
        gray.Dispose();
    }
}
