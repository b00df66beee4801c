using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Faces;
using MlNetEmotion.Tests.Shared.Tracking;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class StillFaceFinderTests
{
    private static readonly Box Left = new(20, 80, 120, 120);
    private static readonly Box Right = new(170, 60, 100, 100);

    private readonly List<TrackedFace> faces = [];
    private readonly List<Box> suspected = [];

    [Fact]
    public void Find_SeveralImages_NumbersTheirFacesOn()
    {
        using Frame frame = Frame.FromPixels(new Scene().With(Left).View);
        using var detector = new FixedDetector(Left);
        var stills = new StillFaceFinder(detector, new StageTimings());
        stills.Find(frame, TimeSpan.Zero, faces, suspected);
        stills.Find(frame, TimeSpan.Zero, faces, suspected);

        Assert.Equal(new TrackedFace(2, Left, null), Assert.Single(faces));
        Assert.Equal(2, detector.Calls);
    }

    [Fact]
    public void Find_UnsureDetections_AreOnlySuspected()
    {
        using Frame frame = Frame.FromPixels(new Scene().View);
        (int width, int height) = (frame.Width, frame.Height);
        using var detector = new FixedDetector(
        [
            new FaceDetection(Left, 0.6f), new FaceDetection(Right, 0.6f), new FaceDetection(Left with { Y = 0 }, 0.599f), new FaceDetection(Right with { Y = 1 }, float.NaN),
            new FaceDetection(new Box(width, 0, 50, 50), 1), new FaceDetection(new Box(0, height, 50, 50), 1),
        ]);
        suspected.Add(Left);    // left over from the previous image
        new StillFaceFinder(detector, new StageTimings()).Find(frame, TimeSpan.Zero, faces, suspected);

        Assert.Equal([(1, Left), (2, Right)], faces.Select(face => (face.TrackId, face.Box)));
        Assert.Equal([Left with { Y = 0 }, Right with { Y = 1 }], suspected);
    }
}
