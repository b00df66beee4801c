using MlNetEmotion.Programs;
using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>How batches are made. The defaults are for evaluation: in order, complete, unchanged.</summary>
internal sealed record DataLoaderOptions
{
    /// <summary>Gets the faces a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Gets whether each epoch has an order of its own.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Gets whether a last batch smaller than the others is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Gets how faces vary from epoch to epoch.</summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;

    /// <summary>Gets the share of a target that is spread over all classes, in [0, 1] (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Gets how far an epoch evens out the classes' shares, from 0 (as they are) to 1 (all alike).</summary>
    public double Balance { get; init; }

    /// <summary>Gets what decides orders and augmentation.</summary>
    public ulong Seed { get; init; }

    /// <summary>Gets how many batches are prepared at once, ahead of the consumer, at least 1. Changes no result.</summary>
    public int PrefetchBatches { get; init; } = Math.Max(2, Environment.ProcessorCount);
}

/// <summary>
/// Makes batches of a dataset, ahead of the consumer and in parallel. Reproducible: an epoch's order follows from (seed,
/// epoch) and a face's augmentation from (seed, epoch, its place in that order), whatever the timing. Thread-safe; each epoch in progress
/// has its own buffers.
/// </summary>
internal sealed class DataLoader
{
    // Sets a batch's own random numbers apart from its faces'.
    private const ulong MixingStream = 0x4D6978;
    private readonly FaceDataset dataset;
    private readonly DataLoaderOptions options;
    private readonly AugmentFace augment;

    /// <summary>Prepares to load.</summary>
    /// <param name="dataset">The faces.</param>
    /// <param name="options">How batches are made; null for evaluation's defaults.</param>
    /// <param name="augment">How a face becomes the network's input; null for the options' augmentation.</param>
    /// <exception cref="ArgumentException">The dataset is empty, or an option is out of range.</exception>
    public DataLoader(FaceDataset dataset, DataLoaderOptions? options = null, AugmentFace? augment = null)
    {
        this.dataset = dataset;
        this.options = options ??= new DataLoaderOptions();
        this.augment = augment ?? new FaceAugmenter(options.Augmentation).Apply;
        if (dataset.Count == 0)
        {
            throw new ArgumentException("the dataset is empty", nameof(dataset));
        }

        if (options.BatchSize < 1 || options.PrefetchBatches < 1 || options.LabelSmoothing is not (>= 0 and <= 1) || options.Balance is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options, "batch size and prefetched batches are at least 1, label smoothing and balance from 0 to 1");
        }
    }

    /// <summary>Gets the batches an epoch.</summary>
    public int BatchCount => options.DropLast
        ? dataset.Count / options.BatchSize
        : (dataset.Count + options.BatchSize - 1) / options.BatchSize;

    /// <summary>Yields an epoch's batches. Without balance, every face comes once; a batch is valid until the next is asked for.</summary>
    /// <param name="epoch">The epoch's number, from 0.</param>
    /// <param name="firstBatch">Where to start: a resumed epoch goes on as if it had never stopped.</param>
    public IEnumerable<FaceBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        return Batches(epoch, firstBatch);
    }

    private IEnumerable<FaceBatch> Batches(int epoch, int firstBatch)
    {
        int[] order = EpochOrder.Of(dataset, options, epoch);
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
            // An epoch left early, or by an error, ends with nobody writing to its buffers. At most a few batches' time.
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
            augment(dataset.Face(index), batch.Image(i), ref random);
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

/// <summary>Which face comes when in an epoch.</summary>
internal static class EpochOrder
{
    /// <summary>As many indices as the dataset has faces: each once, or with balance, those of small classes several times and not all of large ones.</summary>
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
