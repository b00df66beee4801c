using System.Numerics;
using MlNetEmotion.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Tracking;

public sealed class FaceTrackerTests
{
    private static readonly Box Left = new(20, 40, 100, 100);
    private static readonly Box Right = new(300, 40, 100, 100);

    private readonly FaceTracker tracker = new();
    private readonly List<TrackedFace> faces = [];

    [Fact]
    public void Update_FacesThatMoveALittle_KeepTheirNumbers()
    {
        Assert.Equal([1, 2], Detect(Left, Right));

        Assert.Equal([1, 2], Detect(Right with { X = 310 }, Left with { Y = 55 }));
    }

    [Fact]
    public void Update_FacesThatSwapTheirOrder_KeepTheirNumbers()
    {
        Detect(Left, Left with { X = 60, Y = 180 });
        for (int shift = 10; shift <= 80; shift += 10)
        {
            Detect(Left with { X = 20 + shift }, Left with { X = 60 - (shift / 2), Y = 180 });
        }

        Assert.Equal([2, 1], faces.Select(face => face.TrackId));
    }

    [Fact]
    public void Update_TwoBoxesOnOneFace_TheCloserOneIsTheFace()
    {
        Detect(Left);

        Assert.Equal([1, 2], Detect(Left with { X = 60 }, Left with { X = 25 }));
    }

    [Fact]
    public void Update_FaceThatBlinksOut_IsNotShownMeanwhileAndKeepsItsNumber()
    {
        Detect(Left);
        for (int i = 0; i < FaceTracker.MaxLostFrames; i++)
        {
            Assert.Empty(Detect());
        }

        Assert.Equal([1], Detect(Left));
    }

    [Fact]
    public void Update_FaceOutsideTheFrame_IsNotShown() => Assert.Empty(Detect(Left with { X = Scene.Width }));

    [Fact]
    public void Update_FaceGoneForLong_IsAnotherFace()
    {
        Detect(Left);
        for (int i = 0; i <= FaceTracker.MaxLostFrames; i++)
        {
            Detect();
        }

        Assert.Equal([2], Detect(Left));
    }

    [Theory]
    [InlineData(53, 1)] // overlaps 47 of 153, above the limit of 0.3
    [InlineData(54, 2)] // 46 of 154, below
    public void Update_FaceElsewhere_IsAnotherFaceBelowTheLimit(int shift, int expected)
    {
        Detect(Left);

        Assert.Equal(expected, Assert.Single(Detect(Left with { X = Left.X + shift })));
    }

    [Fact]
    public void Update_UnsureDetection_GoesOnWithATrackButBeginsNone()
    {
        ImageView empty = new Scene().View;
        tracker.Update(empty, [new FaceDetection(Left)]);
        tracker.Follow(empty);

        tracker.Update(empty, [new FaceDetection(Left, 0.4f), new FaceDetection(Right, 0.4f)]);

        tracker.CopyTo(faces);
        Assert.Equal(1, Assert.Single(faces).TrackId);
    }

    [Fact]
    public void Follow_FaceThatSpeedsUp_StaysOnIt()
    {
        tracker.Update(new Scene().With(Left).View, [new FaceDetection(Left)]);
        Box box = Left;
        for (int frame = 1; frame <= 10; frame++)
        {
            box = box with { X = box.X + frame, Y = box.Y + (frame / 2) };    // up to 10 pixels a frame
            tracker.Follow(new Scene().With(box).View);
        }

        tracker.CopyTo(faces);
        Box followed = Assert.Single(faces).Box;
        Assert.InRange(followed.X - box.X, -3, 3);    // of a box of 100; without the picture, the box would have stayed 55 behind
        Assert.InRange(followed.Y - box.Y, -3, 3);
        Assert.True(tracker.IsSure);
    }

    [Fact]
    public void Follow_FaceThatIsGone_IsNotShownAndTrackingIsUnsure()
    {
        tracker.Update(new Scene().With(Left).View, [new FaceDetection(Left)]);

        tracker.Follow(new Scene().With(Left, seed: 2).View);

        tracker.CopyTo(faces);
        Assert.Empty(faces);
        Assert.False(tracker.IsSure);
    }

    [Fact]
    public void Follow_DarkerPicture_IsNoMotion()
    {
        tracker.Update(new Scene().With(Left).View, [new FaceDetection(Left)]);
        byte[] dark = [.. new Scene().With(Left).View.Pixels.ToArray().Select(pixel => (byte)(pixel / 2))];

        tracker.Follow(new ImageView(dark, Scene.Width, Scene.Height, PixelFormat.Gray8));

        tracker.CopyTo(faces);
        Assert.Equal(Left, Assert.Single(faces).Box);
    }

    [Fact]
    public void Update_StillThingThatDetectorsKeepMissing_IsDroppedAfterThree()
    {
        Scene scene = new Scene().With(Left);
        tracker.Update(scene.View, [new FaceDetection(Left)]);
        int shown = 0;
        for (int frame = 0; frame < 6; frame++)
        {
            tracker.Follow(scene.View);
            tracker.Update(scene.View, []);
            tracker.CopyTo(faces);
            shown += faces.Count;
        }

        Assert.Equal(3, shown);
    }

    [Fact]
    public void Update_Landmarks_MoveWithTheFace()
    {
        var eye = new Vector2(Left.X + 30, Left.Y + 40);
        var landmarks = new FaceLandmarks(eye, eye + new Vector2(40, 0), eye, eye, eye);
        tracker.Update(new Scene().With(Left).View, [new FaceDetection(Left, 1, landmarks)]);
        Box moved = Left with { X = Left.X + 4 };
        tracker.Follow(new Scene().With(moved).View);

        tracker.CopyTo(faces);
        TrackedFace face = Assert.Single(faces);
        Assert.Equal(new Vector2(face.Box.X + 30, face.Box.Y + 40), face.Landmarks!.Value.RightEye);
        Assert.InRange(face.Box.X, Left.X + 3, Left.X + 5);
    }

    [Fact]
    public void Frame_WithoutPixels_Throws()
    {
        Assert.Throws<ArgumentException>(() => tracker.Follow(default));
        Assert.Throws<ArgumentException>(() => tracker.Update(default, []));
    }

    [Fact]
    public void Update_ScoreThatIsNoNumber_IsNoFace()
    {
        tracker.Follow(new Scene().View);
        tracker.Update(new Scene().View, [new FaceDetection(Left, float.NaN)]);

        tracker.CopyTo(faces);
        Assert.Empty(faces);
    }

    [Fact]
    public void Clear_NextFrame_KnowsNobody()
    {
        Detect(Left);
        tracker.Clear();

        Assert.Equal([2], Detect(Left));
    }

    // A frame that shows nothing by which a face could be followed: the numbers of the faces, from left to right.
    private List<int> Detect(params Box[] boxes)
    {
        ImageView empty = new Scene().View;
        tracker.Follow(empty);
        tracker.Update(empty, [.. boxes.Select(box => new FaceDetection(box))]);
        tracker.CopyTo(faces);
        return [.. faces.Select(face => face.TrackId)];
    }
}
