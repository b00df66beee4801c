using MlNetEmotion.Trainer.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The ascent step of sharpness-aware minimization (SAM, Foret et al. 2021, https://arxiv.org/abs/2010.01412): the gradient is computed at the
/// worst point nearby, so that training converges to a flat minimum.</summary>
internal static class SamStep
{
    /// <summary>Moves the weights along their gradient by <paramref name="rho"/>, a Euclidean distance over all weights.</summary>
    /// <returns>A scope that restores the weights and running statistics when disposed.</returns>
    public static IDisposable Perturb(EmotionNetwork network, double rho)
    {
        var kept = new WeightScope(network);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor Weight, Tensor Gradient)[] all = [.. network.parameters().Where(p => p.requires_grad).Select(p => ((Tensor)p, p.grad!))];
        double norm = stack(all.Select(p => p.Gradient.norm())).norm().ToSingle();
        foreach ((Tensor weight, Tensor gradient) in all)
        {
            weight.add_(gradient, alpha: rho / (norm + 1e-12));
        }

        return kept;
    }
}
