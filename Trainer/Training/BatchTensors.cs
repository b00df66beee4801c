using MlNetEmotion.Imaging;
using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Data;

namespace MlNetEmotion.Trainer.Training;

/// <summary>From the loader's buffers to libtorch.</summary>
internal static class BatchTensors
{
    /// <summary>Copies a batch, so that the loader may fill its buffers anew at once.</summary>
    /// <param name="batch">The loader's batch.</param>
    /// <param name="device">Where to.</param>
    /// <returns>float32 [N, 1, 48, 48], gray, each in [0, 255], and float32 [N, 7], distributions over the classes.</returns>
    public static (Tensor Images, Tensor Targets) ToTensors(this FaceBatch batch, DeviceType device)
    {
        long[] shape = [batch.Count, 1, FacePreprocessor.Size, FacePreprocessor.Size];
        return (
            torch.tensor(batch.Images.AsSpan(0, batch.Count * FacePreprocessor.PixelCount), shape, device),
            torch.tensor(batch.Targets.AsSpan(0, batch.Count * Emotions.Count), [batch.Count, Emotions.Count], device));
    }
}
