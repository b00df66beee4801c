using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Faces;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Finds the faces of still images, each independently, and numbers them from 1: detections with a high score are faces, others are suspected. Does
/// not own the detector. Not thread-safe.</summary>
internal sealed class StillFaceFinder(IFaceDetector detector, StageTimings timings) : IFaceFinder
{
    private int lastId;

    public void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box> suspected)
    {
        using StageTimings.Measurement detecting = timings.Measure("detect");
        faces.Clear();
        suspected.Clear();
        foreach (FaceDetection face in detector.Detect(frame))
        {
            if (face.IsFaceOf(frame.Width, frame.Height))
            {
                faces.Add(new TrackedFace(++lastId, face.Box, face.Landmarks));
            }
            else if (!(face.Score >= FaceDetection.HighScoreThreshold))
            {
                suspected.Add(face.Box);
            }
        }
    }
}
