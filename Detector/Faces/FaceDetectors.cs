using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector.Faces;

internal enum FaceDetectorKind
{
    /// <summary>YuNet, unless a model is named that is no .onnx file: that is a cascade.</summary>
    Auto,

    /// <summary>OpenCV's frontal face cascade of Haar features: the surer cascade.</summary>
    Haar,

    /// <summary>OpenCV's frontal face cascade of local binary patterns: the faster one.</summary>
    Lbp,

    /// <summary>The YuNet network: faces of any pose, with eyes, nose and mouth.</summary>
    YuNet,

    /// <summary>None: each picture is a face.</summary>
    Cropped,
}

/// <summary>Finds faces. Not thread-safe.</summary>
internal interface IFaceDetector : IDisposable
{
    /// <summary>The faces in a BGR frame, in its pixels and perhaps beyond its edges, from left to right. Valid until
    /// the next call.</summary>
    ReadOnlySpan<FaceDetection> Detect(Frame frame);

    /// <summary>The faces that were left out so far for being small; none from detectors that don't count them.</summary>
    SmallerFaces Smaller => default;
}

/// <summary>Sure faces that were left out for being smaller than the least side, but are large enough to be asked for.</summary>
/// <param name="Frames">In how many frames there were any.</param>
/// <param name="Most">The most in a frame.</param>
/// <param name="Searched">Frames in which faces were looked for.</param>
internal readonly record struct SmallerFaces(long Faces, long Frames, int Most, long Searched)
{
    public SmallerFaces With(int found) => new(Faces + found, Frames + (found > 0 ? 1 : 0), Math.Max(Most, found), Searched + 1);
}

internal static class FaceDetectors
{
    public static IFaceDetector Load(FaceDetectorKind kind, string? model = null, FaceDetectorOptions? options = null) =>
        kind == FaceDetectorKind.Cropped ? new CroppedFaces()
        : !IsYuNet(kind, model) ? new CascadeFaceDetector(model ?? CascadeOf(kind), options)
        : new YuNetFaceDetector(model is null ? YuNet.LoadDefault(options) : new YuNet(model, options));

    /// <summary>Reads the model file of a detector; null for a detector without one.</summary>
    /// <exception cref="FileNotFoundException">The file is missing, or the cascade is not installed.</exception>
    public static byte[]? ReadModel(FaceDetectorKind kind, string? model) =>
        kind == FaceDetectorKind.Cropped ? null
        : model is null && IsYuNet(kind, model) ? YuNet.ReadDefaultNetwork()
        : File.ReadAllBytes(model ?? CascadeOf(kind));

    /// <summary>Whether faces are found by the network.</summary>
    public static bool IsYuNet(FaceDetectorKind kind, string? model) => kind switch
    {
        FaceDetectorKind.YuNet => true,
        FaceDetectorKind.Auto => model is null || model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static string CascadeOf(FaceDetectorKind kind) => CascadeFiles.Find(kind == FaceDetectorKind.Lbp ? CascadeFiles.Lbp : CascadeFiles.Haar);
}

/// <summary>Pictures that were cropped to a face: each is one, as a whole.</summary>
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

/// <summary>Finds faces by YuNet. Owns the network.</summary>
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
