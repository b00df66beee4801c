using MlNetEmotion.Faces;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Makes face detectors.</summary>
internal static class FaceDetectors
{
    /// <summary>Loads a face detector.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="model">Its file; null for the one that comes with OpenCV, or is in the user's model folder.</param>
    /// <param name="options">How to look for faces; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no cascade.</exception>
    /// <exception cref="ModelException">The file is no YuNet.</exception>
    public static IFaceDetector Load(FaceDetectorKind kind, string? model = null, FaceDetectorOptions? options = null) => Resolve(kind, model) switch
    {
        FaceDetectorKind.YuNet => new YuNetFaceDetector(model ?? ModelFolder.YuNet ?? throw NoYuNet(), options),
        FaceDetectorKind.Lbp => new CascadeFaceDetector(model ?? CascadeFiles.Find(CascadeFiles.Lbp), options),
        _ => new CascadeFaceDetector(model ?? CascadeFiles.Find(CascadeFiles.Haar), options),
    };

    private static FaceDetectorKind Resolve(FaceDetectorKind kind, string? model) => (kind, model) switch
    {
        (FaceDetectorKind.Auto, null) => ModelFolder.YuNet is null ? FaceDetectorKind.Haar : FaceDetectorKind.YuNet,
        (FaceDetectorKind.Auto, _) => model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? FaceDetectorKind.YuNet : FaceDetectorKind.Haar,
        _ => kind,
    };

    private static FileNotFoundException NoYuNet() =>
        new($"no {YuNetFaceDetector.FilePattern} in {ModelFolder.Path}: run 'Detector models download', or name the file with '--face-model'.");
}
