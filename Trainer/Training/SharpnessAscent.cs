using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The first half of a step of sharpness-aware minimization (Foret et al. 2021, https://arxiv.org/abs/2010.01412): the
/// gradient that a step follows is taken where the loss is worst nearby, so that training ends in a flat minimum.</summary>
internal static class SharpnessAscent
{
    /// <summary>Moves the weights up their gradient, which is cleared.</summary>
    /// <param name="parameters">The weights and their gradients.</param>
    /// <param name="radius">How far, as a Euclidean distance over all weights.</param>
    /// <returns>Puts the weights and running statistics back when disposed.</returns>
    public static IDisposable Climb(FlatParameters parameters, double radius)
    {
        IDisposable kept = parameters.Keep();
        using IDisposable noGrad = torch.no_grad();
        using Tensor norm = parameters.Gradients.norm();
        parameters.Values.add_(parameters.Gradients, radius / (norm.ToSingle() + 1e-12));
        parameters.Gradients.zero_();
        return kept;
    }
}
