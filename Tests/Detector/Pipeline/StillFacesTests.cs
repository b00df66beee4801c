using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Faces;
using MlNetEmotion.Tests.Shared.Tracking;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class StillFacesTests
{
    private static readonly Box Left = new(20, 80, 120, 120);
    private static readonly Box Right = new(170, 60, 100, 100);

    private readonly List<TrackedFace> faces = [];
    private readonly List<Box> suspected = [];

    [Fact]
    public void Find_SeveralPictures_NumbersTheirFacesOn()
    {
        using Frame frame = Frame.FromPixels(new Scene().With(Left).View);
        using var detector = new FixedDetector(Left);
        var stills = new StillFaces(detector, new StageTimings());
        stills.Find(frame, TimeSpan.Zero, faces);
        stills.Find(frame, TimeSpan.Zero, faces);

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
            new FaceDetection(Right, 0.6f), new FaceDetection(Left, 0.6f), new FaceDetection(Left with { Y = 0 }, 0.599f), new FaceDetection(Right with { Y = 1 }, float.NaN),
            new FaceDetection(new Box(width, 0, 50, 50), 1), new FaceDetection(new Box(0, height, 50, 50), 1),
        ]);
        suspected.Add(Left);    // left over from the previous picture
        new StillFaces(detector, new StageTimings()).Find(frame, TimeSpan.Zero, faces, suspected);

        Assert.Equal([(2, Left), (1, Right)], faces.Select(face => (face.TrackId, face.Box)));
        Assert.Equal([Left with { Y = 0 }, Right with { Y = 1 }], suspected);
    }

    [Fact]
    public void Cut_FacesThatLean_AreTurnedUpright()
    {
        using Frame frame = Frame.FromPixels(new Scene().With(Left).With(Right).View);

        // The line through the eyes slopes down by 20 degrees.
        var landmarks = new FaceLandmarks(new(50, 120), new(110, 141.8f), new(80, 150), new(60, 170), new(100, 184));
        using var detector = new FixedDetector([new FaceDetection(Left, 0.9f, landmarks), new FaceDetection(Right)]);
        var stills = new StillFaces(detector, new StageTimings());
        Assert.Single(stills.Find(frame), face => face.TrackId == 1);
        TrackedFace[] found = stills.Find(frame);
        FoundFaces cut = StillFaces.Crop(frame, found);

        Assert.Equal([new TrackedFace(1, Left, landmarks), new TrackedFace(2, Right, null)], cut.Faces);
        Assert.Equal((frame.Width, frame.Height), (cut.Width, cut.Height));
        var expected = new byte[2 * FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(frame.View, Left, landmarks, expected);
        FacePreprocessor.ToFace(frame.View, Right, null, expected.AsSpan(FacePreprocessor.PixelCount));
        Assert.Equal(expected, cut.Crops);
        var flat = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(frame.View, Left, null, flat);
        Assert.NotEqual(flat, cut.Crops[..FacePreprocessor.PixelCount]);
    }
}
