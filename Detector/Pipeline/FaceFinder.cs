using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Frame → faces: detects them in some frames, follows them in the others. Without a schedule, each frame is
/// a picture of its own. Does not own the detector. Not thread-safe.</summary>
internal sealed class FaceFinder(IFaceDetector detector, DetectionSchedule? schedule, StageTimings timings)
{
    private readonly FaceTracker tracker = new();

    /// <param name="timestamp">When the frame was, since the first.</param>
    /// <param name="suspected">Receives where else there may be faces.</param>
    public void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box>? suspected = null)
    {
        using (timings.Measure("track"))
        {
            if (schedule is null)
            {
                tracker.Clear();
            }

            tracker.Follow(frame.View, timestamp);
        }

        if (schedule?.IsDue(tracker.IsStable) ?? true)
        {
            using (timings.Measure("detect"))
            {
                bool isAsKnown = tracker.Update(frame.View, detector.Detect(frame));
                schedule?.Detected(isAsKnown);
            }
        }

        tracker.CopyTo(faces);
        if (suspected is not null)
        {
            tracker.CopySuspectedTo(suspected);
        }
    }
}

/// <summary>Decides on which frames faces are looked for. Adaptive: while tracking is sure, twice as seldom after each
/// detection that brings nothing new, down to twice a second; at once when a face is lost; always while there is
/// none.</summary>
internal sealed class DetectionSchedule(int? every, double framesPerSecond)
{
    private const double DetectionsPerSecond = 2;
    private const int MaxInterval = 15;

    private readonly int maxInterval = (int)Math.Clamp(framesPerSecond / DetectionsPerSecond, 1, MaxInterval);
    private int interval = every ?? 1;
    private long framesSince = int.MaxValue;

    /// <summary>Goes on to the next frame.</summary>
    public bool IsDue(bool isSure) => ++framesSince >= interval || (every is null && !isSure);

    /// <summary>Takes a detection's outcome.</summary>
    public void Detected(bool isAsKnown)
    {
        framesSince = 0;
        interval = every ?? (isAsKnown ? Math.Min(2 * interval, maxInterval) : 1);
    }
}
