using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>
/// Makes batches of a dataset, ahead of the consumer and in parallel. Reproducible: an epoch's order follows from (seed,
/// epoch) and a face's augmentation from (seed, epoch, its place in that order), whatever the timing. Thread-safe; each epoch in progress
/// has its own buffers.
/// </summary>
public sealed class DataLoader
{
    // Sets a batch's own random numbers apart from its faces'.
    private const ulong MixingStream = 0x4D6978;
    private readonly FaceDataset dataset;
    private readonly DataLoaderOptions options;
    private readonly AugmentFace augment;

    /// <summary>Prepares to load.</summary>
    /// <param name="dataset">The faces.</param>
    /// <param name="options">How batches are made; null for evaluation's defaults.</param>
    /// <exception cref="ArgumentException">The dataset is empty, or an option is out of range.</exception>
    public DataLoader(FaceDataset dataset, DataLoaderOptions? options = null)
        : this(dataset, options ??= new DataLoaderOptions(), new FaceAugmenter(options.Augmentation).Apply)
    {
    }

    /// <summary>Prepares to load, with any augmentation.</summary>
    internal DataLoader(FaceDataset dataset, DataLoaderOptions options, AugmentFace augment)
    {
        if (dataset.Count == 0)
        {
            throw new ArgumentException("the dataset is empty", nameof(dataset));
        }

        if (options.BatchSize < 1 || options.PrefetchBatches < 1 || options.LabelSmoothing is not (>= 0 and <= 1) || options.Balance is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options, "batch size and prefetched batches are at least 1, label smoothing and balance from 0 to 1");
        }

        this.dataset = dataset;
        this.options = options;
        this.augment = augment;
    }

    /// <summary>Batches an epoch.</summary>
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
                Start(new FaceBatch(Math.Min(options.BatchSize, dataset.Count)));
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
        }

        SplitMix64 mixing = SplitMix64.Of(options.Seed, (ulong)epoch, (ulong)number, MixingStream);
        BatchMixing.Apply(batch, options.Augmentation, ref mixing);
        return batch;
    }
}
