using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using Conv2d = MlNetEmotion.Trainer.Network.Conv2d;

namespace MlNetEmotion.Trainer.Export;

/// <summary>Batch norms inside the convolutions in front of them, and out again.</summary>
internal static class BatchNormFolding
{
    /// <summary>Changes a convolution's weights [out, …] and biases [out] so that it gives what the norm makes of its output.</summary>
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
    /// Takes over a folded convolution, weights [out, in, kernel, kernel] and biases [out]. Filters get the length of fresh
    /// ones and the norm scales back: in front of a norm, a filter's length decides nothing but how far a step of training
    /// turns it.
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
