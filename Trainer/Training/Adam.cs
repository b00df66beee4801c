using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980) with decoupled weight decay (Loshchilov and Hutter
/// 2019, https://arxiv.org/abs/1711.05101), as PyTorch's AdamW computes it.</summary>
internal sealed class Adam : Optimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly OptimizerOptions options;
    private readonly Tensor mean;
    private readonly Tensor variance;

    public Adam(FlatParameters parameters, OptimizerOptions options)
        : base(parameters)
    {
        this.options = options;
        mean = AddState("mean");
        variance = AddState("variance");
    }

    protected override void Update(double learningRate)
    {
        Tensor gradients = Parameters.Gradients;
        Parameters.Values.narrow(0, 0, Parameters.DecayedCount).mul_(1 - (learningRate * options.WeightDecay));
        mean.lerp_(gradients, 1 - Beta1);
        variance.mul_(Beta2).addcmul_(gradients, gradients, 1 - Beta2);

        double meanCorrection = 1 - Math.Pow(Beta1, StepCount);
        double varianceCorrection = 1 - Math.Pow(Beta2, StepCount);
        Tensor denominator = variance.sqrt().mul_(1 / Math.Sqrt(varianceCorrection)).add_(Epsilon);
        Parameters.Values.addcdiv_(mean, denominator, -learningRate / meanCorrection);
    }
}
