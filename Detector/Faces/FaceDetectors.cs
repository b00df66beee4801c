using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector.Faces;

internal enum FaceDetectorKind
{
    /// <summary>YuNet, or a cascade if the named model is not an .onnx file.</summary>
    Auto,

    /// <summary>OpenCV's frontal face cascade of Haar features: the more accurate cascade.</summary>
    Haar,

    /// <summary>OpenCV's frontal face cascade of local binary patterns (LBP): the faster cascade.</summary>
    Lbp,

    /// <summary>The YuNet network: faces in any pose, with landmarks of eyes, nose and mouth.</summary>
    YuNet,

    /// <summary>No detector: each image is a face.</summary>
    Cropped,
}

/// <summary>Finds faces. Not thread-safe.</summary>
internal interface IFaceDetector : IDisposable
{
    /// <summary>Detects the faces in a BGR frame. Their boxes are in pixels of the frame, may extend beyond its edges, and are sorted from left to right. Valid
    /// until the next call.</summary>
    ReadOnlySpan<FaceDetection> Detect(Frame frame);

    /// <summary>Counts of faces left out so far because they were too small; zero from detectors that do not count them.</summary>
    SmallerFaces Smaller => default;
}

/// <summary>Counts of faces with a sufficient score, left out because they are smaller than the minimum, but not than its lowest setting.</summary>
/// <param name="Frames">Number of frames with left-out faces.</param>
/// <param name="MaxPerFrame">The largest number in a frame.</param>
/// <param name="Searched">Number of frames in which the detector ran.</param>
internal readonly record struct SmallerFaces(long Faces, long Frames, int MaxPerFrame, long Searched)
{
    public SmallerFaces With(int found) => new(Faces + found, Frames + (found > 0 ? 1 : 0), Math.Max(MaxPerFrame, found), Searched + 1);
}

internal static class FaceDetectors
{
    public static IFaceDetector Load(FaceDetectorKind kind, string? model = null, FaceDetectorOptions? options = null) =>
        kind == FaceDetectorKind.Cropped ? new CroppedFaces()
        : !IsYuNet(kind, model) ? new CascadeFaceDetector(model ?? CascadeOf(kind), options)
        : new YuNetFaceDetector(model is null ? YuNet.LoadDefault(options) : new YuNet(model, options));

    /// <summary>Reads a detector's model file; null for a detector without one.</summary>
    /// <exception cref="FileNotFoundException">The file is missing, or the cascade is not installed.</exception>
    public static byte[]? ReadModel(FaceDetectorKind kind, string? model) =>
        kind == FaceDetectorKind.Cropped ? null
        : model is null && IsYuNet(kind, model) ? YuNet.ReadDefaultNetwork()
        : File.ReadAllBytes(model ?? CascadeOf(kind));

    /// <summary>Whether faces are detected by YuNet.</summary>
    public static bool IsYuNet(FaceDetectorKind kind, string? model) => kind switch
    {
        FaceDetectorKind.YuNet => true,
        FaceDetectorKind.Auto => model is null || model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static string CascadeOf(FaceDetectorKind kind) => CascadeFiles.Find(kind == FaceDetectorKind.Lbp ? CascadeFiles.Lbp : CascadeFiles.Haar);
}

/// <summary>The detector for images cropped to a face: each whole image is one face.</summary>
internal sealed class CroppedFaces : IFaceDetector
{
    private readonly FaceDetection[] faces = new FaceDetection[1];

    public ReadOnlySpan<FaceDetection> Detect(Frame frame)
    {
        faces[0] = new FaceDetection(new Box(0, 0, frame.Width, frame.Height));
        return faces;
    }

    public void Dispose()
    {
    }
}

/// <summary>Detects faces by YuNet. Owns the network.</summary>
internal sealed class YuNetFaceDetector(YuNet yunet) : IFaceDetector
{
    private readonly List<FaceDetection> faces = [];

    public SmallerFaces Smaller { get; private set; }

    public ReadOnlySpan<FaceDetection> Detect(Frame frame)
    {
        yunet.Detect(frame.View, faces, out int smaller);
        Smaller = Smaller.With(smaller);
        return CollectionsMarshal.AsSpan(faces);
    }

    public void Dispose() => yunet.Dispose();
}
