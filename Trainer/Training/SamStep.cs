using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The first half of a step of sharpness-aware minimization (Foret et al. 2021, https://arxiv.org/abs/2010.01412): the
/// gradient that a step follows is taken where the loss is worst nearby, so that training ends in a flat minimum.</summary>
internal static class SamStep
{
    /// <summary>Moves the weights up their gradient, as far as the radius, a Euclidean distance over all weights.</summary>
    /// <returns>Puts the weights and running statistics back when disposed.</returns>
    public static IDisposable Climb(EmotionNetwork network, double radius)
    {
        var kept = new Restored(network);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor Weight, Tensor Gradient)[] all = [.. network.parameters().Select(p => ((Tensor)p, p.grad!))];
        double norm = stack(all.Select(p => p.Gradient.norm())).norm().ToSingle();
        foreach ((Tensor weight, Tensor gradient) in all)
        {
            weight.add_(gradient, alpha: radius / (norm + 1e-12));
        }

        return kept;
    }
}
