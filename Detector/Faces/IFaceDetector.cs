using MlNetEmotion.Faces;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Finds faces. Not thread-safe.</summary>
public interface IFaceDetector : IDisposable
{
    /// <summary>Finds the faces in a frame.</summary>
    /// <param name="frame">uint8 BGR; left as it is.</param>
    /// <returns>Faces in the frame's pixels, which they may stick out of, from left to right; none where there is no face. Valid until the next call.</returns>
    ReadOnlySpan<FaceDetection> Detect(Mat frame);
}
