using System.Numerics;
using MlNetEmotion.Faces;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Faces;

public sealed class HeadPoseTests
{
    // The mean face in centimetres: x right, y down, z away; from the person's right eye to the left corner of the mouth.
    private static readonly Vector3[] Mean = [new(-3.15f, -2.62f, -3.6f), new(3.15f, -2.62f, -3.6f), new(0, 1.5f, -7.48f), new(-2.456f, 4.34f, -4.28f), new(2.456f, 4.34f, -4.28f)];

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(30, 0, 0)]
    [InlineData(0, 20, 0)]
    [InlineData(0, 0, -40)]
    [InlineData(-50, -25, 100)]
    public void Of_TheMeanFaceTurned_IsItsPose(double yaw, double pitch, double roll)
    {
        HeadPose pose = HeadPose.Of(Landmarks(yaw, pitch, roll, point => point))!.Value;

        Assert.Equal((yaw, pitch, roll), (Math.Round(pose.Yaw, 2), Math.Round(pose.Pitch, 2), Math.Round(pose.Roll, 2)));
    }

    // In an image y runs down: the nose to the right is a positive yaw, the nose upwards a positive pitch, the right eye of the image lower a positive roll.
    [Fact]
    public void Of_PointsMoved_HasTheirSigns()
    {
        FaceLandmarks frontal = Landmarks(0, 0, 0, point => point);
        float eyes = frontal.LeftEye.X - frontal.RightEye.X;

        Assert.InRange(HeadPose.Of(frontal with { Nose = frontal.Nose + new Vector2(0.2f * eyes, 0) })!.Value.Yaw, 10, 30);
        Assert.InRange(HeadPose.Of(frontal with { Nose = frontal.Nose - new Vector2(0, 0.2f * eyes) })!.Value.Pitch, 10, 30);
        Assert.InRange(HeadPose.Of(frontal with { LeftEye = frontal.LeftEye + new Vector2(0, 0.2f * eyes) })!.Value.Roll, 2, 15);
    }

    // Landmarks that are off by 2 % of the distance of the eyes in each direction.
    [Fact]
    public void Of_NoisyPoints_IsOffByAFewDegrees()
    {
        var random = new SplitMix64(7);
        (double yaw, double pitch, double roll) sum = default;
        for (int i = 0; i < 1000; i++)
        {
            double[] truth = [random.NextAround(0, 40), random.NextAround(0, 25), random.NextAround(0, 25)];
            HeadPose pose = HeadPose.Of(Landmarks(truth[0], truth[1], truth[2], Noisy))!.Value;
            sum = (sum.yaw + Math.Abs(pose.Yaw - truth[0]), sum.pitch + Math.Abs(pose.Pitch - truth[1]), sum.roll + Math.Abs(pose.Roll - truth[2]));
        }

        Assert.InRange(sum.yaw / 1000, 1, 2);
        Assert.InRange(sum.pitch / 1000, 1, 2.5);
        Assert.InRange(sum.roll / 1000, 0.5, 1.5);

        Vector2 Noisy(Vector2 point) => point + (new Vector2((float)Gauss(), (float)Gauss()) * 0.02f * 6.3f * 10);

        double Gauss() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;    // the sum of twelve has the variance 1
    }

    // Generated heads of different people, whose rotation is known, through the face detector. The figures are those of docs/detector.md.
    [Fact]
    public void Of_RenderedHeads_IsOffByTheStatedError()
    {
        using YuNet detector = YuNet.LoadDefault(new FaceDetectorOptions { DetectWidth = 320 });
        var errors = new List<(double Yaw, double Pitch, double Roll)>();
        var random = new SplitMix64(11);
        for (int i = 0; i < 60; i++)
        {
            FaceParameters drawn = FaceParameters.Random(Emotion.Neutral, ref random);
            (double yaw, double pitch, double roll) = (random.NextAround(0, 30), random.NextAround(0, 15), random.NextAround(0, 20));
            Pose pose = new() { YawRadians = yaw * Math.PI / 180, PitchRadians = -pitch * Math.PI / 180, RollRadians = roll * Math.PI / 180 };
            byte[] pixels = FaceRenderer.Render(drawn with { Pose = pose }, 320, 240, new Box(90, 50, 140, 140));
            if (detector.Detect(new ImageView(pixels, 320, 240, PixelFormat.Gray8)) is [{ Landmarks: { } landmarks }, ..])
            {
                HeadPose found = HeadPose.Of(landmarks)!.Value;
                errors.Add((found.Yaw - yaw, found.Pitch - pitch, found.Roll - roll));
            }
        }

        Assert.Equal(60, errors.Count);
        Assert.InRange(errors.Average(error => Math.Abs(error.Yaw)), 3, 4);
        Assert.InRange(errors.Average(error => Math.Abs(error.Pitch)), 6, 7.5);
        Assert.InRange(errors.Average(error => Math.Abs(error.Roll)), 3, 4);
    }

    [Fact]
    public void Of_PointsWithoutAFace_IsNull()
    {
        Assert.Null(HeadPose.Of(default));
        Assert.Null(HeadPose.Of(new(new(1, 1), new(2, 2), new(3, 3), new(4, 4), new(5, 5))));
        Assert.Null(HeadPose.Of(Landmarks(0, 0, 0, point => point) with { Nose = new(float.NaN, 0) }));
    }

    // Pitch about the axis through the ears, then yaw about the vertical, then roll in the image, ten pixels to a centimetre, without perspective.
    private static FaceLandmarks Landmarks(double yaw, double pitch, double roll, Func<Vector2, Vector2> distort)
    {
        Vector2[] points = [.. Mean.Select(point =>
        {
            (double y, double z) = Turn(point.Y, point.Z, -pitch);
            (double depth, double x) = Turn(z, point.X, -yaw);
            (double right, double down) = Turn(x, y, roll);
            return distort(new Vector2((float)((10 * right) + 200), (float)((10 * down) + 100)));
        })];
        return new(points[0], points[1], points[2], points[3], points[4]);
    }

    private static (double A, double B) Turn(double a, double b, double degrees)
    {
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        return ((cos * a) - (sin * b), (sin * a) + (cos * b));
    }
}
