using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Imaging;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class FaceTrackerTests
{
    private static readonly Box Left = new(0, 0, 100, 100);
    private static readonly Box Right = new(300, 0, 100, 100);

    [Fact]
    public void Update_FacesThatMoveALittle_KeepTheirNumbers()
    {
        var tracker = new FaceTracker();
        Assert.Equal([1, 2], tracker.Update([Left, Right]));

        Assert.Equal([2, 1], tracker.Update([Right with { X = 310 }, Left with { Y = 15 }]));
    }

    [Fact]
    public void Update_TwoBoxesOnOneFace_TheCloserOneIsTheFace()
    {
        var tracker = new FaceTracker();
        tracker.Update([Left]);

        Assert.Equal([2, 1], tracker.Update([Left with { X = 40 }, Left with { X = 5 }]));
    }

    [Fact]
    public void Update_FaceThatBlinksOut_KeepsItsNumber()
    {
        var tracker = new FaceTracker();
        tracker.Update([Left]);
        for (int i = 0; i < 10; i++)
        {
            Assert.Empty(tracker.Update([]));
        }

        Assert.Equal([1], tracker.Update([Left]));
    }

    [Fact]
    public void Update_FaceGoneForLong_IsAnotherFace()
    {
        var tracker = new FaceTracker();
        tracker.Update([Left]);
        for (int i = 0; i < 11; i++)
        {
            tracker.Update([]);
        }

        Assert.Equal([2], tracker.Update([Left]));
    }

    [Fact]
    public void Update_FaceElsewhere_IsAnotherFace()
    {
        var tracker = new FaceTracker();
        tracker.Update([Left]);

        // Overlap 47 of 153 is above the limit of 0.3, 46 of 154 below.
        Assert.Equal([1], tracker.Update([Left with { X = 53 }]));
        Assert.Equal([2], tracker.Update([Left with { X = 53 + 54 }]));
    }
}
