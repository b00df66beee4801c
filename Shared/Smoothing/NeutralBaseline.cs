namespace MlNetEmotion.Smoothing;

/// <summary>
/// A person's resting face, which the model may take for sad or angry, and the correction of later scores by it. With m the mean of log p over the resting
/// face's scores, and q the model's typical answer to a neutral face, log p' = log p - clamp(m - log q, -ln 4, ln 4) for each emotion, and the p' are
/// divided by their sum. In m and q, probabilities below 0.01 count as 0.01. The ratio of two emotions changes by a factor of at most 16, so an emotion with
/// a probability above 16/17 stays the most probable one. Not thread-safe.
/// </summary>
public sealed class NeutralBaseline
{
    private const double MaxFactor = 4;
    private const double MinProbability = 0.01;

    // The normalized geometric mean of the shipped model's answers to faces that at least 8 of 10 people call neutral (Tests/Benchmarks/findings.cs).
    private static readonly double[] Typical = [0.019, 0.012, 0.012, 0.026, 0.076, 0.015, 0.84];

    private readonly double[] logSums = new double[Emotions.Count];

    /// <summary>The number of scores added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the scores of the resting face in one frame. Seven equal probabilities, which stand for no answer, are left out.</summary>
    public void Add(EmotionScores scores)
    {
        if (!scores.HasTop)
        {
            return;
        }

        Count++;
        for (int i = 0; i < Emotions.Count; i++)
        {
            logSums[i] += Math.Log(Math.Max(scores[(Emotion)i], MinProbability));
        }
    }

    /// <summary>Returns the corrected scores; unchanged if no resting face was added, or if all seven are equal.</summary>
    public EmotionScores Correct(EmotionScores scores)
    {
        if (Count == 0 || !scores.HasTop)
        {
            return scores;
        }

        Span<double> weighted = stackalloc double[Emotions.Count];
        double sum = 0;
        for (int i = 0; i < Emotions.Count; i++)
        {
            double factor = Math.Exp(logSums[i] / Count) / Typical[i];
            sum += weighted[i] = scores[(Emotion)i] / Math.Clamp(factor, 1 / MaxFactor, MaxFactor);
        }

        Span<float> corrected = stackalloc float[Emotions.Count];
        for (int i = 0; i < Emotions.Count; i++)
        {
            corrected[i] = (float)(weighted[i] / sum);
        }

        return new EmotionScores(corrected);
    }
}
