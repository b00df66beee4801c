using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Faces as the network takes them. Belongs to the loader: valid until its next batch is asked for.</summary>
internal sealed class FaceBatch
{
    /// <param name="capacity">The faces that it has room for.</param>
    /// <param name="hasVotes">Whether each has a second target.</param>
    public FaceBatch(int capacity, bool hasVotes = false)
    {
        TargetSize = (hasVotes ? 2 : 1) * Emotions.Count;

        // Pinned, so that a native tensor can be made on it without a copy.
        Images = GC.AllocateArray<float>(checked(capacity * FacePreprocessor.PixelCount), pinned: true);
        Targets = GC.AllocateArray<float>(checked(capacity * TargetSize), pinned: true);
        Labels = new long[capacity];
    }

    /// <summary>Gets float32 [count, 1, 48, 48], gray, each in [0, 255]; what lies behind is left over. Pinned.</summary>
    public float[] Images { get; }

    /// <summary>Gets the size of a face's part of <see cref="Targets"/>: 7, or with votes 14.</summary>
    public int TargetSize { get; }

    /// <summary>Gets float32 [count, 7], what is to be learned: for each face a distribution over the classes; with votes [count, 14], theirs behind
    /// the label's. Pinned.</summary>
    public float[] Targets { get; }

    /// <summary>Gets int64 [count], each face's class index, or where faces are blended, that of the larger part.</summary>
    public long[] Labels { get; }

    /// <summary>Gets how many faces there are: the batch size, but for a last incomplete batch.</summary>
    public int Count { get; set; }

    /// <summary>A face's pixels in <see cref="Images"/>.</summary>
    public Span<float> Image(int index) => Images.AsSpan(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>A face's distribution in <see cref="Targets"/>.</summary>
    public Span<float> Target(int index) => Targets.AsSpan(index * TargetSize, Emotions.Count);

    /// <summary>The distribution of people's votes on a face in <see cref="Targets"/>.</summary>
    public Span<float> VoteTarget(int index) => Targets.AsSpan((index * TargetSize) + Emotions.Count, Emotions.Count);
}
