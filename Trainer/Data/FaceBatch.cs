namespace MlNetEmotion.Trainer.Data;

/// <summary>A batch of faces as the network takes it. It belongs to the loader and is valid until the next batch is requested.</summary>
internal sealed class FaceBatch
{
    /// <param name="hasVotes">Whether each face has a second target, for votes.</param>
    public FaceBatch(int capacity, bool hasVotes = false)
    {
        TargetSize = (hasVotes ? 2 : 1) * Emotions.Count;

        // Pinned, so that a native tensor can use it without a copy.
        Images = GC.AllocateArray<float>(checked(capacity * FacePreprocessor.PixelCount), pinned: true);
        Targets = GC.AllocateArray<float>(checked(capacity * TargetSize), pinned: true);
        Labels = new long[capacity];
    }

    /// <summary>float32 [count, 1, 48, 48], gray, each in [0, 255]; values after that are stale. Pinned.</summary>
    public float[] Images { get; }

    /// <summary>Values per face in <see cref="Targets"/>: 7, or 14 with votes.</summary>
    public int TargetSize { get; }

    /// <summary>float32 [count, 7]: each face's target distribution over the classes; with votes [count, 14], the label's first. Pinned.</summary>
    public float[] Targets { get; }

    /// <summary>int64 [count]: each face's class index; for mixed faces, that of the larger part.</summary>
    public long[] Labels { get; }

    /// <summary>The number of faces: the batch size, or fewer in an incomplete last batch.</summary>
    public int Count { get; set; }

    /// <summary>Returns a face's pixels in <see cref="Images"/>.</summary>
    public Span<float> Image(int index) => Images.AsSpan(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>Returns a face's label distribution in <see cref="Targets"/>.</summary>
    public Span<float> Target(int index) => Targets.AsSpan(index * TargetSize, Emotions.Count);

    /// <summary>Returns the distribution of people's votes on a face in <see cref="Targets"/>.</summary>
    public Span<float> VoteTarget(int index) => Targets.AsSpan((index * TargetSize) + Emotions.Count, Emotions.Count);
}
