using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Gradient descent with Nesterov momentum and L2 weight decay, as PyTorch's SGD(nesterov=True) computes it
/// (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html).</summary>
internal sealed class Sgd : Optimizer
{
    private readonly OptimizerOptions options;
    private readonly Tensor velocity;

    public Sgd(FlatParameters parameters, OptimizerOptions options)
        : base(parameters)
    {
        this.options = options;
        velocity = AddState("velocity");
    }

    protected override void Update(double learningRate) => torch.optim.sgd_step(
        Parameters.Values, Parameters.Gradients, velocity, Parameters.DecayedCount, learningRate, options.Momentum, options.WeightDecay);
}
