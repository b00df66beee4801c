using System.Numerics.Tensors;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Metrics of a network's logits, float32 [n, 7] row-major.</summary>
internal static class Logits
{
    /// <summary>Counts the rows whose highest logit is at their label; there may be more labels than rows.</summary>
    public static int CountCorrect(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        int correct = 0;
        for (int i = 0; i < logits.Length / Emotions.Count; i++)
        {
            correct += TensorPrimitives.IndexOfMax(Row(logits, i)) == labels[i] ? 1 : 0;
        }

        return correct;
    }

    /// <summary>Returns the share of rows whose highest logit is at their label.</summary>
    public static double Accuracy(ReadOnlySpan<float> logits, IReadOnlyList<Emotion> labels) =>
        (double)CountCorrect(logits, labels.Select(label => (long)label).ToArray()) / labels.Count;

    /// <summary>Returns the mean cross-entropy against target distributions, [n, 7], in nats, with the logits divided by a temperature.</summary>
    public static double CrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> targets, double temperature = 1)
    {
        int count = targets.Length / Emotions.Count;
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = Row(logits, i);
            double highest = TensorPrimitives.Max(row);
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

    /// <summary>Converts labels to one-hot distributions, [n, 7].</summary>
    public static float[] Targets(IReadOnlyList<Emotion> labels)
    {
        var targets = new float[labels.Count * Emotions.Count];
        for (int i = 0; i < labels.Count; i++)
        {
            targets[(i * Emotions.Count) + (int)labels[i]] = 1;
        }

        return targets;
    }

    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> logits, int row) => logits.Slice(row * Emotions.Count, Emotions.Count);
}
