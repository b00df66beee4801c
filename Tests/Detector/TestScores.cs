namespace MlNetEmotion.Tests.Detector;

/// <summary>Scores made by hand.</summary>
internal static class TestScores
{
    /// <summary>One emotion has the given probability, the others share the rest.</summary>
    public static EmotionScores Of(Emotion emotion, float confidence)
    {
        float[] probabilities = [.. Enumerable.Repeat((1 - confidence) / 6, 7)];
        probabilities[(int)emotion] = confidence;
        return new EmotionScores(probabilities);
    }
}
