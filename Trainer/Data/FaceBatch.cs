namespace MlNetEmotion.Trainer.Data;

/// <summary>Faces as the network takes them. Belongs to the loader: valid until its next batch is asked for.</summary>
public sealed class FaceBatch
{
    internal FaceBatch(int capacity, int imageLength)
    {
        // Pinned, so that a native tensor can be made on it without a copy.
        Images = GC.AllocateArray<float>(checked(capacity * imageLength), pinned: true);
        Labels = GC.AllocateArray<long>(capacity, pinned: true);
    }

    /// <summary>float32 [count, 1, 48, 48], gray, each in [0, 255]; what lies behind is left over. Pinned.</summary>
    public float[] Images { get; }

    /// <summary>int64 [count], class indices; what lies behind is left over. Pinned.</summary>
    public long[] Labels { get; }

    /// <summary>How many faces there are: the batch size, but for a last incomplete batch.</summary>
    public int Count { get; internal set; }
}
