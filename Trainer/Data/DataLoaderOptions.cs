using MlNetEmotion.Trainer.Augmentation;

namespace MlNetEmotion.Trainer.Data;

/// <summary>How batches are made. The defaults are for evaluation: in order, complete, unchanged.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Faces a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Whether each epoch has an order of its own.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Whether a last batch smaller than the others is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>How faces vary from epoch to epoch.</summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;

    /// <summary>The share of a target that is spread over all classes, in [0, 1] (Szegedy et al. 2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How far an epoch evens out the classes' shares, from 0 (as they are) to 1 (all alike).</summary>
    public double Balance { get; init; }

    /// <summary>Decides orders and augmentation.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many batches are prepared at once, ahead of the consumer, at least 1. Changes no result.</summary>
    public int PrefetchBatches { get; init; } = Math.Max(2, Environment.ProcessorCount);
}
