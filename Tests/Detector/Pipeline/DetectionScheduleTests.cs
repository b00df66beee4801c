using MlNetEmotion.Detector.Pipeline;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class DetectionScheduleTests
{
    [Fact]
    public void IsDue_Adaptive_DoublesUpToFifteenFrames() =>
        Assert.Equal([0, 2, 6, 14, 29, 44], Due(new DetectionSchedule(null, 60), 50));

    [Fact]
    public void IsDue_AdaptiveAtTwelveFramesASecond_IsTwiceASecond() =>
        Assert.Equal([0, 2, 6, 12, 18], Due(new DetectionSchedule(null, 12), 20));

    [Fact]
    public void IsDue_EveryThird_IsThat() => Assert.Equal([0, 3, 6, 9], Due(new DetectionSchedule(3, 30), 12));

    [Fact]
    public void IsDue_TrackingUnsure_IsAtOnceOnlyWhenAdaptive()
    {
        var adaptive = new DetectionSchedule(null, 30);
        var fixedRate = new DetectionSchedule(3, 30);
        Due(adaptive, 15);
        Due(fixedRate, 1);

        Assert.True(adaptive.IsDue(isSure: false));
        Assert.False(fixedRate.IsDue(isSure: false));
    }

    [Fact]
    public void IsDue_AfterASurprise_IsTheNextFrame()
    {
        var schedule = new DetectionSchedule(null, 30);
        Due(schedule, 15);
        schedule.Detected(isAsKnown: false);

        Assert.Equal([0, 2, 6], Due(schedule, 8));
    }

    // The frames with a detection, if tracking is sure and detections only confirm known tracks.
    private static List<int> Due(DetectionSchedule schedule, int frames)
    {
        var due = new List<int>();
        for (int frame = 0; frame < frames; frame++)
        {
            if (schedule.IsDue(isSure: true))
            {
                due.Add(frame);
                schedule.Detected(isAsKnown: true);
            }
        }

        return due;
    }
}
