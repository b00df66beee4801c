namespace MlNetEmotion.Tests.Detector;

/// <summary>Hand-made scores.</summary>
internal static class TestScores
{
    /// <summary>Creates scores in which one emotion has the given probability and the others share the rest equally.</summary>
    public static EmotionScores Of(Emotion emotion, float confidence)
    {
        float[] probabilities = [.. Enumerable.Repeat((1 - confidence) / 6, 7)];
        probabilities[(int)emotion] = confidence;
        return new EmotionScores(probabilities);
    }
}
