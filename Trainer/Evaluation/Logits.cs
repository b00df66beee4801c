namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>A network's raw scores, float32 [n, 7] row-major, and what they are worth.</summary>
internal static class Logits
{
    /// <summary>How many rows have their highest score at their label.</summary>
    /// <param name="logits">[n, 7].</param>
    /// <param name="labels">Class indices, at least n.</param>
    public static int CountCorrect(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        int correct = 0;
        for (int i = 0; i < logits.Length / Emotions.Count; i++)
        {
            correct += IndexOfMax(Row(logits, i)) == labels[i] ? 1 : 0;
        }

        return correct;
    }

    /// <summary>The share of rows that have their highest score at their label.</summary>
    public static double Accuracy(ReadOnlySpan<float> logits, IReadOnlyList<Emotion> labels) =>
        (double)CountCorrect(logits, labels.Select(label => (long)label).ToArray()) / labels.Count;

    /// <summary>The mean negative log-likelihood of the labels, in nats.</summary>
    /// <param name="logits">[n, 7].</param>
    /// <param name="labels">[n].</param>
    /// <param name="temperature">What the scores are divided by first.</param>
    public static double CrossEntropy(ReadOnlySpan<float> logits, IReadOnlyList<Emotion> labels, double temperature = 1) =>
        CrossEntropy(logits, Targets(labels), temperature);

    /// <summary>The mean cross-entropy against distributions, in nats.</summary>
    /// <param name="logits">[n, 7].</param>
    /// <param name="targets">[n, 7], each row sums to 1.</param>
    /// <param name="temperature">What the scores are divided by first.</param>
    public static double CrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, double temperature)
    {
        int count = targets.Length / Emotions.Count;
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = Row(logits, i);
            double highest = row[IndexOfMax(row)];
            double total = 0;
            foreach (float logit in row)
            {
                total += Math.Exp((logit - highest) / temperature);
            }

            double expected = 0;
            for (int j = 0; j < row.Length; j++)
            {
                expected += Row(targets, i)[j] is > 0 and float share ? share * ((row[j] - highest) / temperature) : 0;
            }

            sum += Math.Log(total) - expected;
        }

        return sum / count;
    }

    /// <summary>Labels as distributions: all of each is its own class's, [n, 7].</summary>
    public static float[] Targets(IReadOnlyList<Emotion> labels)
    {
        var targets = new float[labels.Count * Emotions.Count];
        for (int i = 0; i < labels.Count; i++)
        {
            targets[(i * Emotions.Count) + (int)labels[i]] = 1;
        }

        return targets;
    }

    private static int IndexOfMax(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            best = row[i] > row[best] ? i : best;
        }

        return best;
    }

    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> logits, int row) => logits.Slice(row * Emotions.Count, Emotions.Count);
}
