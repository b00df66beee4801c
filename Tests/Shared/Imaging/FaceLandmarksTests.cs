using System.Numerics;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class FaceLandmarksTests
{
    [Theory]
    [InlineData(20, 10, 0)]
    [InlineData(20, 20, Math.PI / 4)]
    [InlineData(10, 20, Math.PI / 2)]
    [InlineData(20, 0, -Math.PI / 4)]
    public void Tilt_OfTheLineThroughTheEyes_IsItsAngle(float leftEyeX, float leftEyeY, double expected)
    {
        var eye = new Vector2(10, 10);

        Assert.Equal(expected, new FaceLandmarks(eye, new Vector2(leftEyeX, leftEyeY), eye, eye, eye).TiltRadians, 1e-6); // float coordinates
    }

    [Fact]
    public void Moved_BoxTwiceAsLarge_KeepsThePlaceInTheBox()
    {
        var landmarks = new FaceLandmarks(new(15, 24), new(25, 24), new(20, 30), new(16, 36), new(24, 36));

        FaceLandmarks moved = landmarks.Moved(new Box(10, 20, 20, 20), new Box(100, 200, 40, 40));

        Assert.Equal(new FaceLandmarks(new(110, 208), new(130, 208), new(120, 220), new(112, 232), new(128, 232)), moved);
    }
}
