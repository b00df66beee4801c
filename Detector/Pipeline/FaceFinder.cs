using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Finds the faces in a source's frames, one after the other. Not thread-safe.</summary>
internal interface IFaceFinder
{
    /// <summary>Finds a frame's faces.</summary>
    /// <param name="timestamp">When the frame was, since the first.</param>
    /// <param name="faces">Emptied, then receives the faces, from left to right.</param>
    /// <param name="suspected">Emptied, then receives where else there may be faces.</param>
    void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box>? suspected = null);
}

/// <summary>Finds the faces of a film: detects them in some frames and follows them in the others. Does not own the detector.</summary>
internal sealed class FaceFinder(IFaceDetector detector, DetectionSchedule schedule, StageTimings timings) : IFaceFinder
{
    private readonly FaceTracker tracker = new();

    /// <inheritdoc/>
    public void Find(Frame frame, TimeSpan timestamp, List<TrackedFace> faces, List<Box>? suspected = null)
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
