using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Augmentation;

public sealed class FaceAugmenterTests
{
    private static readonly byte[] LeftDark = [.. Enumerable.Range(0, 2304).Select(i => (byte)(i % 48 < 24 ? 50 : 200))];

    [Fact]
    public void Apply_None_KeepsEveryPixelAndDrawsNothing()
    {
        var random = new SplitMix64(1);
        float[] image = Augment(AugmentationOptions.None, ref random);

        Assert.Equal(LeftDark.Select(pixel => (float)pixel), image);
        Assert.Equal(new SplitMix64(1).NextUInt64(), random.NextUInt64());
    }

    [Fact]
    public void Draw_Crop_IsAnywhereInside()
    {
        var random = new SplitMix64(3);
        AffineParameters[] draws = [.. Enumerable.Range(0, 2000).Select(_ => AffineParameters.Draw(AugmentationOptions.None with { Crop = 44 }, ref random))];

        // Five places each way, a pixel apart, twelve elevenths as large.
        AffineParameters[] crops = [.. Enumerable.Range(0, 25).Select(i => AffineParameters.Identity.Cropped(44, i % 5, i / 5))];
        Assert.Equal(crops.ToHashSet(), draws.ToHashSet());
    }

    [Fact]
    public void Apply_SameRandomState_GivesTheSameImage()
    {
        var first = new SplitMix64(5);
        var second = new SplitMix64(5);
        var third = new SplitMix64(6);

        float[] image = Augment(new AugmentationOptions(), ref first);

        Assert.Equal(image, Augment(new AugmentationOptions(), ref second));
        Assert.NotEqual(image, Augment(new AugmentationOptions(), ref third));
    }

    [Fact]
    public void Apply_Defaults_StayInRange()
    {
        var random = new SplitMix64(7);
        for (int i = 0; i < 200; i++)
        {
            Assert.All(Augment(new AugmentationOptions(), ref random), pixel => Assert.InRange(pixel, 0, 255));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(1.0)]
    public void Apply_FlipProbability_IsHowOftenFacesFlip(float probability)
    {
        var random = new SplitMix64(8);
        AugmentationOptions options = AugmentationOptions.None with { FlipProbability = probability };

        int flips = Enumerable.Range(0, 4000).Count(_ => Augment(options, ref random)[0] == 200);

        double deviation = Math.Sqrt(4000 * probability * (1 - probability));    // binomial
        Assert.InRange(flips, (4000 * probability) - (4 * deviation), (4000 * probability) + (4 * deviation));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(1.0)]
    public void Apply_ErasingProbability_IsHowOftenFacesLoseAPart(float probability)
    {
        var random = new SplitMix64(9);
        AugmentationOptions options = AugmentationOptions.None with { ErasingProbability = probability };

        int erased = Enumerable.Range(0, 4000).Count(_ => Augment(options, ref random).Any(pixel => pixel is not (50 or 200)));

        double deviation = Math.Sqrt(4000 * probability * (1 - probability));    // binomial
        Assert.InRange(erased, (4000 * probability) - (4 * deviation), (4000 * probability) + (4 * deviation));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(1.0)]
    public void Apply_BlurProbability_IsHowOftenFacesAreBlurred(float probability)
    {
        var random = new SplitMix64(11);
        AugmentationOptions options = AugmentationOptions.None with { BlurProbability = probability };

        int blurred = Enumerable.Range(0, 4000).Count(_ => Augment(options, ref random)[23] > 51);

        // Beside the edge, more than a 150th of the kernel must lie on the other side: e / (1 + 2e) with e = exp(-1 / (2 sigma^2)), so a
        // sigma of 0.3163, which 78.9 % of those up to 1.5 are above.
        double expected = 0.789 * probability, deviation = Math.Sqrt(4000 * expected * (1 - expected));    // binomial
        Assert.InRange(blurred, (4000 * expected) - (4 * deviation), (4000 * expected) + (4 * deviation));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(1.0)]
    public void Apply_NoiseProbability_IsHowOftenFacesAreNoisy(float probability)
    {
        var random = new SplitMix64(12);
        AugmentationOptions options = AugmentationOptions.None with { NoiseProbability = probability };

        float[][] images = [.. Enumerable.Range(0, 4000).Select(_ => Augment(options, ref random))];

        double deviation = Math.Sqrt(4000 * probability * (1 - probability));    // binomial
        Assert.InRange(images.Count(image => image[0] != LeftDark[0] || image[1] != LeftDark[1]), (4000 * probability) - (4 * deviation), (4000 * probability) + (4 * deviation));
        Assert.All(images, image => Assert.InRange(image.Max() - image.Min(), 0, 255));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(1.0)]
    public void Apply_JpegProbability_IsHowOftenFacesAreSavedAsJpeg(float probability)
    {
        var random = new SplitMix64(13);
        AugmentationOptions options = AugmentationOptions.None with { JpegProbability = probability };

        // A step within a block of eight pixels rings at every quality that is drawn.
        byte[] step = [.. Enumerable.Range(0, 2304).Select(i => (byte)(i % 48 < 21 ? 50 : 200))];
        float[][] images = [.. Enumerable.Range(0, 1000).Select(_ => Augment(options, ref random, step))];

        double deviation = Math.Sqrt(1000 * probability * (1 - probability));    // binomial
        Assert.InRange(images.Count(image => !image.SequenceEqual(step.Select(pixel => (float)pixel))), (1000 * probability) - (4 * deviation), (1000 * probability) + (4 * deviation));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(1.0)]
    public void Apply_DetectorBoxProbability_IsHowOftenFacesAreCutByTheirBox(float probability)
    {
        var random = new SplitMix64(14);
        AugmentationOptions options = AugmentationOptions.None with { FlipProbability = 0.5f, DetectorBoxProbability = probability };

        // In the dark half, whether mirrored or not.
        int cut = Enumerable.Range(0, 4000).Count(_ => Augment(options, ref random, box: new DetectorBox(10, 24, 10, 0)).All(pixel => pixel == 50));

        double deviation = Math.Sqrt(4000 * probability * (1 - probability));    // binomial
        Assert.InRange(cut, (4000 * probability) - (4 * deviation), (4000 * probability) + (4 * deviation));
    }

    // Runs of earlier versions, which knew no boxes, are reproduced.
    [Theory]
    [InlineData(0.0, true)]
    [InlineData(1.0, false)]
    public void Apply_WithoutABoxOrItsProbability_ChangesAndDrawsNothing(float probability, bool hasBox)
    {
        var (random, earlier) = (new SplitMix64(15), new SplitMix64(15));
        var options = new AugmentationOptions { Crop = 44, NoiseProbability = 0.5f };

        float[] image = Augment(options with { DetectorBoxProbability = probability }, ref random, box: hasBox ? new DetectorBox(20, 25, 40, 0.2f) : null);

        Assert.Equal(Augment(options, ref earlier), image);
        Assert.Equal(earlier.NextUInt64(), random.NextUInt64());
    }

    [Fact]
    public void Draw_Options_BoundEveryPart()
    {
        var options = new AugmentationOptions { RotationDegrees = 15, Shift = 0.15f, Scale = 0.2f, Brightness = 0.1f, Contrast = 0.3f };
        var random = new SplitMix64(10);
        AffineParameters[] draws = [.. Enumerable.Range(0, 5000).Select(_ => AffineParameters.Draw(options, ref random))];

        AssertSpan(draws, draw => draw.AngleRadians, -Math.PI / 12, Math.PI / 12);
        AssertSpan(draws, draw => draw.ShiftX, -7.2, 7.2);
        AssertSpan(draws, draw => draw.ShiftY, -7.2, 7.2);
        AssertSpan(draws, draw => draw.Scale, 0.8, 1.2);
        AssertSpan(draws, draw => draw.Brightness, -25.5, 25.5);
        AssertSpan(draws, draw => draw.Contrast, 0.7, 1.3);
    }

    [Fact]
    public void Constructor_OptionOutOfRange_Throws()
    {
        AugmentationOptions[] wrong =
        [
            new() { FlipProbability = 1.1f },
            new() { FlipProbability = float.NaN },
            new() { DetectorBoxProbability = -0.1f },
            new() { DetectorBoxProbability = 1.1f },
            new() { RotationDegrees = -1 },
            new() { Shift = 1.5f },
            new() { Scale = 1 },
            new() { Brightness = 2 },
            new() { Contrast = -0.1f },
            new() { BlurProbability = 1.1f },
            new() { NoiseProbability = -0.1f },
            new() { JpegProbability = 1.1f },
            new() { ErasingProbability = 2 },
            new() { ErasingMaxArea = 0.5f },
            new() { ErasingMinArea = 0.25f, ErasingMaxArea = 0.2f },
        ];

        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => new FaceAugmenter(options)));
    }

    private static float[] Augment(AugmentationOptions options, ref SplitMix64 random, byte[]? face = null, DetectorBox? box = null)
    {
        var image = new float[2304];
        new FaceAugmenter(options).Apply(face ?? LeftDark, box, image, ref random);
        return image;
    }

    /// <summary>All values lie within the bounds, and 5,000 uniform draws come within 1 % of both.</summary>
    private static void AssertSpan(AffineParameters[] draws, Func<AffineParameters, float> part, double minimum, double maximum)
    {
        double margin = (maximum - minimum) / 100;
        Assert.InRange(draws.Min(part), minimum - 1e-6, minimum + margin);
        Assert.InRange(draws.Max(part), maximum - margin, maximum + 1e-6);
    }
}
