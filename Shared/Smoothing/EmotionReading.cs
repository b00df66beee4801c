namespace MlNetEmotion.Smoothing;

/// <summary>What a face shows, by all that was seen of it so far.</summary>
/// <param name="Scores">The smoothed probabilities.</param>
/// <param name="Emotion">The answer: most of the time, but not always, the most probable emotion.</param>
/// <param name="IsUncertain">Whether the answer's probability is too low to be worth naming.</param>
public readonly record struct EmotionReading(EmotionScores Scores, Emotion Emotion, bool IsUncertain)
{
    /// <summary>The answer's smoothed probability, in [0, 1].</summary>
    public float Confidence => Scores[Emotion];
}
