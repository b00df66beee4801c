using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class OcclusionSensitivityTests
{
    [Theory]
    [InlineData(20, 20, 0.75)] // in the four squares that cover the pixel that matters
    [InlineData(16, 20, 0.375)] // in squares from 12 or 16 on across: half of them cover it
    [InlineData(27, 27, 0.1875)] // in squares from 20 or 24 on: one of four covers it
    [InlineData(28, 20, 0)] // from 24 or 28 on: none does
    [InlineData(0, 0, 0)]
    public void Map_OfAModelThatLooksAtOnePixel_IsAsByHand(int x, int y, double expected)
    {
        // Happy with 0.875 while pixel (20, 20) is white, else with 0.125.
        byte[] face = new byte[2304];
        face[(20 * 48) + 20] = 255;
        float[] map = OcclusionSensitivity.Map(LookAtOnePixel, face, Emotion.Happy);
        Assert.Equal(expected, map[(y * 48) + x], 1e-6);
        Assert.Equal(-expected, OcclusionSensitivity.Map(LookAtOnePixel, face, Emotion.Angry)[(y * 48) + x], 1e-6);
    }

    [Fact]
    public void ToPng_MapOfThreeParts_TintsThem()
    {
        // Upper third for, middle nothing, lower third against; gray 100. Three quarters of the way to (255, 122, 0) and (0, 110, 255).
        float[] map = [.. Enumerable.Range(0, 2304).Select(i => i / 48 < 16 ? 0.5f : i / 48 < 32 ? 0 : -0.5f)];
        using Mat picture = Mat.Decode(SensitivityPicture.ToPng([.. Enumerable.Repeat((byte)100, 2304)], map), ImreadMode.Color);
        Assert.Equal((144, 144), (picture.Width, picture.Height));
        Assert.Equal((216, 116, 25), Rgb(picture, 20));
        Assert.Equal((100, 100, 100), Rgb(picture, 72));
        Assert.Equal((25, 107, 216), Rgb(picture, 120));
    }

    [Fact]
    public void ToPng_MapOfNoise_StaysFaint()
    {
        // A fall of 0.01 is a tenth of what is drawn in full: 128 + 12.7, so 13 / 127 * 0.75 of the way from 100 to 255.
        using Mat picture = Mat.Decode(
            SensitivityPicture.ToPng([.. Enumerable.Repeat((byte)100, 2304)], [.. Enumerable.Repeat(0.01f, 2304)]), ImreadMode.Color);
        Assert.Equal(111, Rgb(picture, 72).R);
    }

    private static (int R, int G, int B) Rgb(Mat picture, int y)
    {
        ReadOnlySpan<byte> bgr = picture.View.Pixels.Slice((y * picture.View.Stride) + (3 * 72), 3);
        return (bgr[2], bgr[1], bgr[0]);
    }

    private static void LookAtOnePixel(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            float happy = faces[(i * 2304) + (20 * 48) + 20] == 255 ? 0.875f : 0.125f;
            scores[i] = new EmotionScores([1 - happy, 0, 0, happy, 0, 0, 0]);
        }
    }
}
