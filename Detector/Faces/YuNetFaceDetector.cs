using System.Runtime.InteropServices;
using MlNetEmotion.Faces;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Finds faces of any pose, with eyes, nose and mouth, by YuNet.</summary>
internal sealed class YuNetFaceDetector(string path, FaceDetectorOptions? options) : IFaceDetector
{
    /// <summary>The name of the file in the models' folder is this and anything.</summary>
    public const string FilePattern = "*yunet*.onnx";

    private readonly YuNet yunet = new(path, options);
    private readonly List<FaceDetection> faces = [];

    /// <inheritdoc/>
    public ReadOnlySpan<FaceDetection> Detect(Mat frame)
    {
        yunet.Detect(frame.View, faces);
        return CollectionsMarshal.AsSpan(faces);
    }

    /// <inheritdoc/>
    public void Dispose() => yunet.Dispose();
}
