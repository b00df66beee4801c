using MlNetEmotion.Faces;
using MlNetEmotion.Tests.Shared.Tracking;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

public sealed class StillFacesTests
{
    private static readonly Box Left = new(20, 80, 120, 120);
    private static readonly Box Right = new(170, 60, 100, 100);

    [Fact]
    public void Of_FacesThatLean_AreTurnedUpright()
    {
        ImageView image = new Scene().With(Left).With(Right).View;

        // The line through the eyes slopes down by 20 degrees.
        var landmarks = new FaceLandmarks(new(50, 120), new(110, 141.8f), new(80, 150), new(60, 170), new(100, 184));
        FaceDetection[] detections = [new FaceDetection(Left, 0.9f, landmarks), new FaceDetection(Right)];
        var found = StillFaces.Of(image, detections);

        Assert.Equal(detections, found.Detections);
        Assert.Equal((image.Width, image.Height), (found.Width, found.Height));
        var expected = new byte[2 * FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(image, Left, landmarks, expected);
        FacePreprocessor.ToFace(image, Right, null, expected.AsSpan(FacePreprocessor.PixelCount));
        Assert.Equal(expected, found.Crops);
        var flat = new byte[FacePreprocessor.PixelCount];
        FacePreprocessor.ToFace(image, Left, null, flat);
        Assert.NotEqual(flat, found.Crops[..FacePreprocessor.PixelCount]);
    }

    [Fact]
    public void Of_LowScoresAndBoxesOutside_AreLeftOut()
    {
        ImageView image = new Scene().With(Left).View;

        var found = StillFaces.Of(image,
        [
            new FaceDetection(Left, 0.6f), new FaceDetection(Right, 0.599f), new FaceDetection(Right, float.NaN),
            new FaceDetection(new Box(image.Width, 0, 50, 50)), new FaceDetection(new Box(0, image.Height, 50, 50)), new FaceDetection(new Box(image.Width - 1, 0, 50, 50)),
        ]);

        Assert.Equal([Left, new Box(image.Width - 1, 0, 50, 50)], found.Detections.Select(face => face.Box));
        Assert.Equal(2 * FacePreprocessor.PixelCount, found.Crops.Length);
    }
}
