using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Frame → faces: detects them in some frames, follows them in the others. Does not own the detector. Not thread-safe.</summary>
/// <param name="detector">Finds faces.</param>
/// <param name="schedule">Says when; null for frames that have nothing to do with one another.</param>
/// <param name="timings">Measures.</param>
internal sealed class FaceFinder(IFaceDetector detector, DetectionSchedule? schedule, StageTimings timings)
{
    private readonly FaceTracker tracker = new();

    /// <summary>Finds the faces in the next frame.</summary>
    /// <param name="frame">uint8 BGR; left as it is.</param>
    /// <param name="faces">Emptied, then receives the faces, from left to right.</param>
    public void Find(Mat frame, List<TrackedFace> faces)
    {
        using (timings.Measure("track"))
        {
            if (schedule is null)
            {
                tracker.Clear();
            }

            tracker.Follow(frame.View);
        }

        if (schedule?.IsDue(tracker.IsSure) ?? true)
        {
            using (timings.Measure("detect"))
            {
                bool isAsKnown = tracker.Update(frame.View, detector.Detect(frame));
                schedule?.Detected(isAsKnown);
            }
        }

        tracker.CopyTo(faces);
    }
}
