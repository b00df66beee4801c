using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Shared.Tracking;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class FaceFinderTests
{
    private static readonly Box Face = new(100, 80, 120, 120);

    private readonly List<TrackedFace> faces = [];

    [Fact]
    public void Find_FaceThatStays_IsInEveryFrameAndDetectedInFew()
    {
        using Frame frame = Frame.FromPixels(new Scene().With(Face).View);
        using var detector = new FixedDetector(Face);
        var finder = new FaceFinder(detector, new DetectionSchedule(null, 30), new StageTimings());
        for (int i = 0; i < 25; i++)
        {
            finder.Find(frame, TimeSpan.FromSeconds(i / 30.0), faces);

            TrackedFace face = Assert.Single(faces);
            Assert.Equal((1, Face), (face.TrackId, face.Box));
        }

        Assert.Equal(5, detector.Calls);    // frames 0 (a new face, so detection repeats in the next), 1, 3, 7 and 15
    }

    [Fact]
    public void Find_NoFace_IsLookedForInEveryFrame()
    {
        using Frame frame = Frame.FromPixels(new Scene().View);
        using var detector = new FixedDetector();
        var finder = new FaceFinder(detector, new DetectionSchedule(null, 30), new StageTimings());
        for (int i = 0; i < 5; i++)
        {
            finder.Find(frame, TimeSpan.FromSeconds(i / 30.0), faces);
        }

        Assert.Equal(5, detector.Calls);
    }
}
