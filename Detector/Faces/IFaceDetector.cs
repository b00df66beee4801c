using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Faces;

/// <summary>Finds faces. Not thread-safe.</summary>
public interface IFaceDetector : IDisposable
{
    /// <summary>Finds the faces in a frame.</summary>
    /// <param name="frame">uint8 BGR; left as it is.</param>
    /// <returns>Boxes within the frame, from left to right; none where there is no face.</returns>
    IReadOnlyList<Box> Detect(Mat frame);
}
