using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Finds the faces in a source's frames, called with one frame after another. Not thread-safe.</summary>
internal interface IFaceFinder
{
    /// <summary>Finds a frame's faces.</summary>
    /// <param name="timestamp">The frame's time since the first one.</param>
    /// <param name="faces">Cleared, then receives the faces from left to right.</param>
    /// <param name="suspected">Cleared, then receives boxes of possible further faces.</param>
    void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box> suspected);
}

/// <summary>Finds the faces of a video: detects them in some frames and tracks them in the others. Does not own the detector.</summary>
internal sealed class FaceFinder(IFaceDetector detector, DetectionSchedule schedule, StageTimings timings) : IFaceFinder
{
    private readonly FaceTracker tracker = new();

    public void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box> suspected)
    {
        using (timings.Measure("track"))
        {
            tracker.Follow(frame.View, timestamp);
        }

        if (schedule.IsDue(tracker.IsStable))
        {
            using (timings.Measure("detect"))
            {
                schedule.Detected(tracker.Update(frame.View, detector.Detect(frame)));
            }
        }

        tracker.CopyTo(faces);
        tracker.CopySuspectedTo(suspected);
    }
}

/// <summary>Decides in which frames to run the detector. The adaptive schedule halves the detection rate, down to twice a second, after each detection that
/// only confirms known tracks; it detects at once if a track is lost, and in every frame while there is no track.</summary>
internal sealed class DetectionSchedule(int? every, double framesPerSecond)
{
    private const double DetectionsPerSecond = 2;
    private const int MaxInterval = 15;

    private readonly int maxInterval = (int)Math.Clamp(framesPerSecond / DetectionsPerSecond, 1, MaxInterval);
    private int interval = every ?? 1;
    private long framesSince = int.MaxValue;

    /// <summary>Advances to the next frame; returns whether to detect in it.</summary>
    public bool IsDue(bool isSure) => ++framesSince >= interval || (every is null && !isSure);

    /// <summary>Records a detection: whether it only confirmed known tracks.</summary>
    public void Detected(bool isAsKnown)
    {
        framesSince = 0;
        interval = every ?? (isAsKnown ? Math.Min(2 * interval, maxInterval) : 1);
    }
}
