using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class FaceRendererTests
{
    private static readonly FaceParameters Plain = FaceImage.Plain;

    [Fact]
    public void Render_SameParameters_GivesSamePixels()
    {
        var face = SampleFaces.ParametersOf(seed: 1, index: 3);

        Assert.Equal(FaceRenderer.Render(face, 48), FaceRenderer.Render(face, 48));
    }

    [Fact]
    public void Render_MirroredParameters_GivesTheMirroredImage()
    {
        var face = Plain with
        {
            Pose = new Pose { YawRadians = 0.3, RollRadians = 0.2, OffsetX = 0.03 },
            Photograph = new Photograph { LightX = 0.5 },
            Expression = Expression.Typical(Emotion.Fear) with { GazeX = 0.5 },
        };
        var mirrored = face with
        {
            Pose = face.Pose with { YawRadians = -0.3, RollRadians = -0.2, OffsetX = -0.03 },
            Photograph = face.Photograph with { LightX = -0.5 },
            Expression = face.Expression with { GazeX = -0.5 },
        };

        AssertMirrored(FaceRenderer.Render(face, 96), FaceRenderer.Render(mirrored, 96), 96);
    }

    [Fact]
    public void Render_NeutralFrontalFace_IsSymmetric()
    {
        var pixels = FaceRenderer.Render(Plain, 96);

        AssertMirrored(pixels, pixels, 96);
    }

    [Theory]
    [InlineData(Emotion.Happy)]
    [InlineData(Emotion.Fear)]
    [InlineData(Emotion.Neutral)]
    public void Render_FourTimesTheSize_IsTheSameImage(Emotion emotion)
    {
        var random = new SplitMix64(12);
        var face = FaceParameters.Random(emotion, ref random);
        face = face with { Photograph = face.Photograph with { Noise = 0, Blur = 0.01 } };
        var small = FaceRenderer.Render(face, 48);
        var large = FaceRenderer.Render(face, 192);

        // Edges are filtered by a pixel's width across, not by its square, and hairs of half a pixel are sampled: that is
        // worth a few levels at edges, and 2 on average. An image shifted by half a pixel would differ by more than 4.
        double difference = Enumerable.Range(0, small.Length)
            .Average(i => Math.Abs(small[i] - Block(large, 192, i % 48 * 4, i / 48 * 4, 4)));
        Assert.InRange(difference, 0, 2);
    }

    [Fact]
    public void Render_HalfScaleInTwiceTheSize_HasTheSamePixelsInTheMiddle()
    {
        var small = FaceRenderer.Render(Plain, 48);
        var large = FaceRenderer.Render(Plain with { Pose = new Pose { Scale = 0.5 } }, 96);

        AssertClose(small, Crop(large, 96, 24, 24));
    }

    [Fact]
    public void Render_BoxInAFrame_HoldsTheSamePixels()
    {
        var frame = FaceRenderer.Render(Plain, 200, 120, new Box(70, 30, 48, 48));

        Assert.Equal(200 * 120, frame.Length);
        AssertClose(FaceRenderer.Render(Plain, 48), Crop(frame, 200, 70, 30));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(-0.3)]
    public void Render_Yaw_TurnsTheNoseThatWay(double yaw)
    {
        var face = new FaceImage(Plain with { Pose = new Pose { YawRadians = yaw } }, 192);

        // The nostrils are the darkest spots of the middle of the face.
        Assert.Equal(Math.Sign(yaw), Math.Sign(face.Darkest(0, 0.13, 0.15, 0.03).X));
    }

    [Fact]
    public void Render_RollClockwise_LowersTheEyeOnTheRight()
    {
        var face = new FaceImage(Plain with { Pose = new Pose { RollRadians = 0.2 } }, 192);

        // The pupils at (±0.172, -0.119) come to (±0.172 cos 0.2 + 0.119 sin 0.2, -0.119 cos 0.2 ± 0.172 sin 0.2).
        Assert.InRange(face.Mean(0.192, -0.0825, 0.008), 0, 60);
        Assert.InRange(face.Mean(-0.145, -0.151, 0.008), 0, 60);
    }

    [Fact]
    public void Render_LightFromTheLeft_BrightensTheLeftCheek()
    {
        var face = new FaceImage(Plain with { Photograph = new Photograph { LightX = -0.8 } }, 48);

        Assert.True(face.Mean(-0.25, 0.08, 0.05) > face.Mean(0.25, 0.08, 0.05) + 20);
    }

    [Fact]
    public void Render_Noise_HasItsStandardDeviation()
    {
        var gray = Plain with { Pose = new Pose { OffsetX = 5 }, Photograph = new Photograph { Background = 0.3 } };
        var clean = FaceRenderer.Render(gray, 96);
        var noisy = FaceRenderer.Render(gray with { Photograph = gray.Photograph with { Noise = 0.05 } }, 96);

        double variance = Enumerable.Range(0, clean.Length).Average(i => Math.Pow(noisy[i] - clean[i], 2));

        // 0.05 of 255, to the 3 % that 9216 samples allow at four standard errors.
        Assert.Equal(0.05 * 255, Math.Sqrt(variance), 0.4);
    }

    [Fact]
    public void Render_OtherSeed_OnlyChangesTheNoise()
    {
        var face = Plain with { Photograph = new Photograph { Noise = 0.05 } };
        var otherNoise = face with { Photograph = face.Photograph with { Seed = 1 } };

        Assert.NotEqual(FaceRenderer.Render(face, 48), FaceRenderer.Render(otherNoise, 48));
        Assert.Equal(
            FaceRenderer.Render(Plain, 48),
            FaceRenderer.Render(Plain with { Photograph = new Photograph { Seed = 1 } }, 48));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-48)]
    public void Render_SizeNotPositive_Throws(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FaceRenderer.Render(Plain, size));
    }

    private static void AssertClose(byte[] expected, byte[] actual)
    {
        // The same points of the face, but for the last bits of their coordinates: at most one level apart.
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
    }

    private static void AssertMirrored(byte[] left, byte[] right, int size)
    {
        // The skin's texture varies its brightness by 5 % both ways and the reflections in the eyes are on the lamp's side.
        int different = Enumerable.Range(0, left.Length)
            .Count(i => Math.Abs(left[i] - right[(i / size * size) + size - 1 - (i % size)]) > 20);
        Assert.InRange(different, 0, left.Length / 100);
    }

    private static double Block(byte[] pixels, int width, int x, int y, int side) =>
        Enumerable.Range(0, side * side).Average(i => pixels[((y + (i / side)) * width) + x + (i % side)]);

    private static byte[] Crop(byte[] pixels, int width, int x, int y) =>
        Enumerable.Range(0, 48 * 48).Select(i => pixels[((y + (i / 48)) * width) + x + (i % 48)]).ToArray();
}
