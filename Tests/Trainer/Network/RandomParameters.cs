using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Tests.Trainer.Network;

/// <summary>Parameters for which a mistake shows: no weight is 0 or 1, and running statistics are not those of the start.</summary>
internal static class RandomParameters
{
    /// <summary>Fills parameters and running statistics by what they are. Batch norms shift channels in turns up and down.</summary>
    /// <param name="layer">The layer, with all below it.</param>
    /// <param name="random">Draws the values.</param>
    /// <param name="shift">How far batch norms shift.</param>
    public static void Fill(nn.Module layer, Random random, float shift = 0.5f)
    {
        foreach (nn.Module own in layer.modules().Prepend(layer))
        {
            IEnumerable<(string Name, Tensor Tensor)> tensors = own.named_parameters(recurse: false).Select(p => (p.name, (Tensor)p.parameter))
                .Concat(own.named_buffers(recurse: false).Where(b => b.buffer.dtype == ScalarType.Float32));
            foreach ((string name, Tensor tensor) in tensors)
            {
                tensor.CopyFrom([.. Enumerable.Range(0, (int)tensor.numel()).Select(i => name switch
                {
                    "running_mean" => Uniform(-0.5f, 0.5f),
                    "running_var" => Uniform(0.5f, 2),
                    "weight" when own is BatchNorm2d => Uniform(0.5f, 1.5f),
                    "bias" when own is BatchNorm2d => (i % 2 == 0 ? shift : -shift) + Uniform(-0.5f, 0.5f),
                    _ => Uniform(-1, 1) * MathF.Sqrt(3f / (tensor.numel() / tensor.shape[0])),
                })]);
            }
        }

        float Uniform(float low, float high) => low + ((high - low) * random.NextSingle());
    }
}
