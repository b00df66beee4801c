using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Faces;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Tests.Detector.Pipeline;

/// <summary>A fake detector that returns the same faces for every frame.</summary>
internal sealed class FixedDetector(FaceDetection[] faces) : IFaceDetector
{
    public FixedDetector(params Box[] boxes)
        : this([.. boxes.Select(box => new FaceDetection(box))])
    {
    }

    public int Calls { get; private set; }

    public ReadOnlySpan<FaceDetection> Detect(Frame frame)
    {
        Calls++;
        return faces;
    }

    public void Dispose()
    {
    }
}
