using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Finds frontal faces by a cascade (P. Viola, M. Jones: Rapid object detection using a boosted cascade of simple features, 2001) in a gray copy of
/// the frame, scaled down because the time grows with the number of pixels.</summary>
internal sealed class CascadeFaceDetector : IFaceDetector
{
    // The usual step; fewer neighbours than the usual 5, because a face has fewer hits in a scaled-down image.
    private const double ScaleFactor = 1.3;
    private const int MinNeighbors = 3;

    private readonly CascadeClassifier cascade;
    private readonly FaceDetectorOptions options;
    private readonly int windowSide;
    private readonly Mat gray = OpenCvLibrary.CreateMat();
    private readonly Mat small = OpenCvLibrary.CreateMat();
    private readonly List<FaceDetection> faces = [];

    public CascadeFaceDetector(string path, FaceDetectorOptions? options = null)
    {
        this.options = options ?? new FaceDetectorOptions();
        cascade = Load(path);
        Size window = cascade.GetOriginalWindowSize();
        windowSide = Math.Max(window.Width, window.Height);
    }

    public ReadOnlySpan<FaceDetection> Detect(Frame frame)
    {
        // Gray first, then smaller: area averaging takes less than half as long with one channel as with three.
        Cv2.CvtColor(frame.Mat, gray, ColorConversionCodes.BGR2GRAY);
        Mat searched = gray;
        double scale = options.ScaleDown(frame.Width, frame.Height);
        if (scale > 1)
        {
            var size = new Size(Math.Max(1, Round(frame.Width / scale)), Math.Max(1, Round(frame.Height / scale)));
            Cv2.Resize(gray, small, size, interpolation: InterpolationFlags.Area);
            searched = small;
        }

        (double scaleX, double scaleY) = ((double)frame.Width / searched.Width, (double)frame.Height / searched.Height);
        faces.Clear();
        int minSide = Math.Max(windowSide, (int)(options.MinFacePixels / scaleX));
        foreach (Rect box in cascade.DetectMultiScale(searched, ScaleFactor, MinNeighbors, minSize: new Size(minSide, minSide)))
        {
            faces.Add(new FaceDetection(new Box(
                Round(box.X * scaleX), Round(box.Y * scaleY), Math.Max(1, Round(box.Width * scaleX)), Math.Max(1, Round(box.Height * scaleY)))));
        }

        // The parallel search returns faces in any order.
        faces.Sort(static (a, b) => (a.Box.X, a.Box.Y).CompareTo((b.Box.X, b.Box.Y)));
        return CollectionsMarshal.AsSpan(faces);

        static int Round(double value) => (int)Math.Round(value);
    }

    public void Dispose()
    {
        cascade.Dispose();
        gray.Dispose();
        small.Dispose();
    }

    private static CascadeClassifier Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file", path);
        }

        OpenCvLibrary.Load();
        try
        {
            var cascade = new CascadeClassifier(path);
            if (!cascade.Empty())
            {
                return cascade;
            }

            cascade.Dispose();
        }
        catch (OpenCVException e)
        {
            throw new InvalidDataException($"{path}: not a Haar or LBP cascade ({e.ErrMsg})", e);
        }

        throw new InvalidDataException($"{path}: not a Haar or LBP cascade");
    }
}
