using MlNetEmotion.Trainer.Evaluation;
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

    private static void LookAtOnePixel(ReadOnlySpan<byte> faces, Span<EmotionScores> scores)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            float happy = faces[(i * 2304) + (20 * 48) + 20] == 255 ? 0.875f : 0.125f;
            scores[i] = new EmotionScores([1 - happy, 0, 0, happy, 0, 0, 0]);
        }
    }
}
