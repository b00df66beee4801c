using MlNetEmotion.Trainer.Reports;
using SkiaSharp;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class FacePngTests
{
    // Skia rounds alpha, colours times alpha and their sum, each to a level.
    private const int Rounding = 2;

    [Fact]
    public void Encode_MapOfThreeParts_TintsThem()
    {
        // Upper third for, middle nothing, lower third against; gray 100. Three quarters of the way to (255, 122, 0) and (0, 110, 255).
        using SKBitmap image = Decode(Enumerable.Range(0, 2304).Select(i => i / 48 < 16 ? 0.5f : i / 48 < 32 ? 0 : -0.5f));
        Assert.Equal((144, 144), (image.Width, image.Height));
        AssertColor((216, 117, 25), image.GetPixel(72, 20));
        AssertColor((100, 100, 100), image.GetPixel(72, 72));
        AssertColor((25, 108, 216), image.GetPixel(72, 120));
    }

    [Fact]
    public void Encode_MapOfNoise_StaysFaint()
    {
        // A fall of 0.01 is a tenth of what is drawn in full: 0.075 of the way from (100, 100, 100) to (255, 122, 0).
        using SKBitmap image = Decode(Enumerable.Repeat(0.01f, 2304));
        AssertColor((112, 102, 93), image.GetPixel(72, 72));
    }

    private static SKBitmap Decode(IEnumerable<float> map) =>
        SKBitmap.Decode(FacePng.Encode([.. Enumerable.Repeat((byte)100, 2304)], [.. map]));

    private static void AssertColor((int Red, int Green, int Blue) expected, SKColor actual)
    {
        Assert.InRange(actual.Red, expected.Red - Rounding, expected.Red + Rounding);
        Assert.InRange(actual.Green, expected.Green - Rounding, expected.Green + Rounding);
        Assert.InRange(actual.Blue, expected.Blue - Rounding, expected.Blue + Rounding);
    }
}
