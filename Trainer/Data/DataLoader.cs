using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Settings of a data loader. The defaults are for evaluation: every face once, in order, without augmentation.</summary>
internal sealed record DataLoaderOptions
{
    /// <summary>Faces per batch, at least 1.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Whether each epoch has its own order.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Whether an incomplete last batch is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>The random variation of faces.</summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;

    /// <summary>The share of each target that is spread over all classes, in [0, 1] (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Class balancing of an epoch, from 0 (the data set's shares) to 1 (equal shares).</summary>
    public double ClassBalancing { get; init; }

    /// <summary>The seed of orders and augmentation.</summary>
    public ulong Seed { get; init; }

    /// <summary>The number of batches prepared ahead of the consumer, in parallel, at least 1. It does not affect results.</summary>
    public int PrefetchBatches { get; init; } = Math.Max(2, Environment.ProcessorCount);
}

/// <summary>
/// Loads a dataset in batches, prepared ahead of the consumer and in parallel. Reproducible: an epoch's order depends on (seed, epoch) only, and a face's
/// augmentation on (seed, epoch, its place in that order) only. Thread-safe; each epoch in progress has its own buffers.
/// </summary>
/// <param name="options">How batches are made; null for the defaults.</param>
/// <param name="augment">Converts a face to the network's input; null for the options' augmentation.</param>
/// <exception cref="ArgumentException">The dataset is empty.</exception>
internal sealed class DataLoader(FaceDataset dataset, DataLoaderOptions? options = null, AugmentFace? augment = null)
{
    // Separates a batch's random numbers from its faces'.
    private const ulong MixingStream = 0x4D6978;
    private readonly FaceDataset dataset = dataset.Count > 0 ? dataset : throw new ArgumentException("the dataset is empty", nameof(dataset));
    private readonly DataLoaderOptions options = options ?? new DataLoaderOptions();
    private readonly AugmentFace augment = augment ?? new FaceAugmenter(options?.Augmentation ?? AugmentationOptions.None).Apply;

    /// <summary>Batches per epoch.</summary>
    public int BatchCount => options.DropLast
        ? dataset.Count / options.BatchSize
        : (dataset.Count + options.BatchSize - 1) / options.BatchSize;

    /// <summary>Yields an epoch's batches. Without class balancing, every face occurs once. A batch is valid until the next one is requested.</summary>
    /// <param name="firstBatch">The first batch to yield, to resume an epoch; later batches are the same as in a complete epoch.</param>
    public IEnumerable<FaceBatch> Epoch(int epoch, int firstBatch = 0)
    {
        int[] order = EpochSampler.Indices(dataset, options, epoch);
        var pending = new Queue<Task<FaceBatch>>(options.PrefetchBatches);
        int next = firstBatch;
        try
        {
            while (pending.Count < options.PrefetchBatches && next < BatchCount)
            {
                Start(new FaceBatch(Math.Min(options.BatchSize, dataset.Count), dataset.Votes is not null));
            }

            while (pending.TryDequeue(out Task<FaceBatch>? oldest))
            {
                FaceBatch batch = oldest.GetAwaiter().GetResult();
                yield return batch;
                if (next < BatchCount)
                {
                    Start(batch);
                }
            }
        }
        finally
        {
            // If an epoch is left early, or by an error, wait until no task writes to its buffers: at most the time of a few batches.
            Task stopped = Task.WhenAll(pending);
            stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        void Start(FaceBatch buffer)
        {
            int number = next++;
            pending.Enqueue(Task.Run(() => Fill(buffer, order, epoch, number)));
        }
    }

    private FaceBatch Fill(FaceBatch batch, int[] order, int epoch, int number)
    {
        ReadOnlySpan<int> indices = order.AsSpan(number * options.BatchSize);
        batch.Count = Math.Min(indices.Length, options.BatchSize);
        for (int i = 0; i < batch.Count; i++)
        {
            int index = indices[i];
            int place = (number * options.BatchSize) + i;
            SplitMix64 random = SplitMix64.Of(options.Seed, (ulong)epoch, (ulong)place);
            augment(dataset.Face(index), dataset.Boxes?[index], batch.Image(i), ref random);
            batch.Labels[i] = (long)dataset.Labels[index];
            batch.Target(i).Fill((float)(options.LabelSmoothing / Emotions.Count));
            batch.Target(i)[(int)batch.Labels[i]] += (float)(1 - options.LabelSmoothing);
            if (dataset.Votes is not null)
            {
                dataset.CopyVotesTo(index, batch.VoteTarget(i));
            }
        }

        SplitMix64 mixing = SplitMix64.Of(options.Seed, (ulong)epoch, (ulong)number, MixingStream);
        BatchMixing.Apply(batch.Images, batch.Targets.AsSpan(0, batch.Count * batch.TargetSize), batch.Count, options.Augmentation, ref mixing);
        return batch;
    }
}

/// <summary>Orders and samples the faces of an epoch.</summary>
internal static class EpochSampler
{
    /// <summary>Returns as many indices as the dataset has faces: each once; or with class balancing, faces of small classes several times and only some of
    /// the large ones.</summary>
    public static int[] Indices(FaceDataset dataset, DataLoaderOptions options, int epoch)
    {
        SplitMix64 random = SplitMix64.Of(options.Seed, (ulong)epoch);
        int[] order = options.ClassBalancing == 0
            ? [.. Enumerable.Range(0, dataset.Count)]
            : Balanced(dataset.Labels, options.ClassBalancing, ref random);
        if (options.Shuffle)
        {
            random.Shuffle(order);
        }

        return order;
    }

    // A class of n faces gets a share of the epoch proportional to n^(1 - balance) (Mahajan et al. 2018, https://arxiv.org/abs/1805.00932,
    // use 1/2), and repeats its faces in random order until the share is filled.
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
