using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Folds batch norms into the preceding convolutions, and unfolds them.</summary>
internal static class BatchNormFolding
{
    /// <summary>Changes a convolution's weights [out, …] and biases [out] in place, so that it computes its own output after the norm.</summary>
    public static void Fold(BatchNorm2d norm, float[] weights, float[] biases)
    {
        float[] mean = norm.running_mean!.ToArray(), variance = norm.running_var!.ToArray(), shift = norm.bias!.ToArray();
        double[] scale = [.. norm.weight.ToArray().Select((weight, i) => weight / Math.Sqrt(variance[i] + norm.eps))];
        int perChannel = weights.Length / biases.Length;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] * scale[i / perChannel]);
        }

        for (int channel = 0; channel < biases.Length; channel++)
        {
            biases[channel] = (float)(((biases[channel] - mean[channel]) * scale[channel]) + shift[channel]);
        }
    }

    /// <summary>
    /// Loads a folded convolution, weights [out, in, kernel, kernel] and biases [out], into a convolution and a norm. Filters are scaled to the norm of freshly
    /// initialized ones, and the batch norm scales back: in front of a batch norm, a filter's length only decides the effective step size of training.
    /// </summary>
    public static void Unfold(float[] weights, float[] biases, Conv2d conv, BatchNorm2d norm)
    {
        int perFilter = weights.Length / biases.Length;
        double length = Math.Sqrt(2.0 * conv.InChannels / conv.OutChannels);
        double[] sumsOfSquares = [.. weights.Chunk(perFilter).Select(filter => filter.Sum(value => (double)value * value))];
        float[] scales = [.. sumsOfSquares.Select(sum => sum > 0 ? (float)(Math.Sqrt(sum) / length) : 1)];
        conv.Weight.CopyFrom([.. weights.Select((weight, i) => weight / scales[i / perFilter])]);
        conv.Bias?.CopyFrom(new float[scales.Length]);
        norm.running_mean!.CopyFrom(new float[scales.Length]);
        norm.running_var!.CopyFrom([.. scales.Select(_ => 1f)]);
        norm.weight.CopyFrom([.. scales.Select(scale => (float)(scale * Math.Sqrt(1 + norm.eps)))]);
        norm.bias!.CopyFrom(biases);
    }
}
