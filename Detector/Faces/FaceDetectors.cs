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

    public ReadOnlySpan<FaceDetection> Detect(Frame frame)
    {
        yunet.Detect(frame.View, faces);
        return CollectionsMarshal.AsSpan(faces);
    }

    public void Dispose() => yunet.Dispose();
}
