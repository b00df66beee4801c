using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector.Faces;

internal enum FaceDetectorKind
{
    /// <summary>YuNet where its model is installed, the Haar cascade otherwise.</summary>
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
        FileOf(kind, model) is not { } file ? new CroppedFaces()
        : IsYuNet(kind, model) ? new YuNetFaceDetector(file, options)
        : new CascadeFaceDetector(file, options);

    /// <summary>The model's file of what is asked for; null where none is needed.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string? FileOf(FaceDetectorKind kind, string? model) =>
        kind == FaceDetectorKind.Cropped ? null
        : IsYuNet(kind, model) ? model ?? ModelFolder.YuNet ?? throw NoYuNet()
        : model ?? CascadeFiles.Find(kind == FaceDetectorKind.Lbp ? CascadeFiles.Lbp : CascadeFiles.Haar);

    /// <summary>Whether what is asked for is the network, here and now.</summary>
    public static bool IsYuNet(FaceDetectorKind kind, string? model) => kind switch
    {
        FaceDetectorKind.YuNet => true,
        FaceDetectorKind.Auto => model is null ? ModelFolder.YuNet is not null : model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static FileNotFoundException NoYuNet() =>
        new($"no {ModelFolder.YuNetPattern} in {ModelFolder.Path}: run 'Detector models download', or name the file with '--face-model'.");
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

internal sealed class YuNetFaceDetector(string path, FaceDetectorOptions? options) : IFaceDetector
{
    private readonly YuNet yunet = new(path, options);
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
