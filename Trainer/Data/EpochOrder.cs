using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Which face comes when in an epoch.</summary>
internal static class EpochOrder
{
    /// <summary>As many indices as the dataset has faces: each once, or with balance, those of small classes several times and not all of large ones.</summary>
    /// <param name="dataset">The faces.</param>
    /// <param name="options">Shuffle, balance and seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static int[] Of(FaceDataset dataset, DataLoaderOptions options, int epoch)
    {
        SplitMix64 random = SplitMix64.Of(options.Seed, (ulong)epoch);
        int[] order = options.Balance == 0
            ? [.. Enumerable.Range(0, dataset.Count)]
            : Balanced(dataset.Labels, options.Balance, ref random);
        if (options.Shuffle)
        {
            random.Shuffle(order);
        }

        return order;
    }

    // A class of n faces gets a share of the epoch proportional to n^(1 - balance) (Mahajan et al. 2018, https://arxiv.org/abs/1805.00932,
    // use 1/2), and goes round its faces in random order until that is filled.
    private static int[] Balanced(IReadOnlyList<Emotion> labels, double balance, ref SplitMix64 random)
    {
        int[][] classes = [.. Enumerable.Range(0, labels.Count).GroupBy(i => labels[i], (_, faces) => faces.ToArray())];
        double[] weights = [.. classes.Select(faces => Math.Pow(faces.Length, 1 - balance))];
        double total = weights.Sum();
        var order = new List<int>(labels.Count);
        double filled = 0;
        foreach ((int[] faces, double weight) in classes.Zip(weights))
        {
            random.Shuffle<int>(faces);
            filled += labels.Count * weight / total;
            int end = (int)Math.Round(filled);
            for (int i = 0; order.Count < end; i++)
            {
                order.Add(faces[i % faces.Length]);
            }
        }

        return [.. order];
    }
}
