using MlNetEmotion.Imaging;

namespace MlNetEmotion.Trainer.Data;

/// <summary>Faces as the network takes them. Belongs to the loader: valid until its next batch is asked for.</summary>
internal sealed class FaceBatch
{
    public FaceBatch(int capacity)
    {
        // Pinned, so that a native tensor can be made on it without a copy.
        Images = GC.AllocateArray<float>(checked(capacity * FacePreprocessor.PixelCount), pinned: true);
        Targets = GC.AllocateArray<float>(checked(capacity * Emotions.Count), pinned: true);
        Labels = new long[capacity];
    }

    /// <summary>Gets float32 [count, 1, 48, 48], gray, each in [0, 255]; what lies behind is left over. Pinned.</summary>
    public float[] Images { get; }

    /// <summary>Gets float32 [count, 7], what is to be learned: for each face a distribution over the classes. Pinned.</summary>
    public float[] Targets { get; }

    /// <summary>Gets int64 [count], each face's class index, or where faces are blended, that of the larger part.</summary>
    public long[] Labels { get; }

    /// <summary>Gets how many faces there are: the batch size, but for a last incomplete batch.</summary>
    public int Count { get; set; }

    /// <summary>A face's pixels in <see cref="Images"/>.</summary>
    public Span<float> Image(int index) => Images.AsSpan(index * FacePreprocessor.PixelCount, FacePreprocessor.PixelCount);

    /// <summary>A face's distribution in <see cref="Targets"/>.</summary>
    public Span<float> Target(int index) => Targets.AsSpan(index * Emotions.Count, Emotions.Count);
}
