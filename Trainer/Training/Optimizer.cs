using MlNetEmotion.Trainer.Network;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A TorchSharp optimizer over a network's parameters. Weight decay applies to the weights of convolutions and linear layers only.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly OptimizerHelper inner;

    public Optimizer(TrainingOptions options, EmotionNetwork network)
    {
        // In the optimizer's order: weights with decay first.
        (string Name, Parameter Parameter)[] all = [.. network.named_parameters().OrderByDescending(p => p.parameter.Decays())];
        Parameter[] decayed = [.. all.Select(p => p.Parameter).Where(p => p.Decays())];
        Parameter[] others = [.. all.Select(p => p.Parameter).Skip(decayed.Length)];
        inner = options.Optimizer switch
        {
            OptimizerKind.Sgd => optim.SGD(
                [new SGD.ParamGroup(decayed, Sgd(options.WeightDecay)), new SGD.ParamGroup(others, Sgd(0))], options.LearningRate),
            OptimizerKind.Adam => optim.AdamW(
                [new AdamW.ParamGroup(decayed, weight_decay: options.WeightDecay), new AdamW.ParamGroup(others)], options.LearningRate),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Optimizer, "not an optimizer"),
        };
        foreach ((SGD.State state, Parameter parameter) in inner.state_dict().State.OfType<SGD.State>().Zip(inner.parameters()))
        {
            // Allocated now, so that checkpoints always hold the same tensors.
            state.momentum_buffer = zeros_like(parameter).DetachFromDisposeScope();
        }

        State = [.. inner.state_dict().State.Zip(all).SelectMany(item => StateTensors(item.First).Select(tensor => ($"{tensor.Name}.{item.Second.Name}", tensor.Tensor)))];

        SGD.Options Sgd(double decay) => new() { momentum = options.Momentum, nesterov = options.Momentum > 0, dampening = 0, weight_decay = decay, maximize = false };

        static (string Name, Tensor Tensor)[] StateTensors(OptimizerState state) => state switch
        {
            SGD.State sgd => [("momentum_buffer", sgd.momentum_buffer)],
            AdamW.State adam => [("exp_avg", adam.exp_avg), ("exp_avg_sq", adam.exp_avg_sq)],
            _ => [],
        };
    }

    /// <summary>The number of steps taken; part of the state.</summary>
    public long StepCount { get; set; }

    /// <summary>The tensors that a checkpoint keeps, named by PyTorch's name of the statistic and the parameter.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State { get; }

    /// <summary>Takes one step along the current gradients, then clears them.</summary>
    public void Step(double learningRate)
    {
        foreach (optim.ILearningRateController group in inner.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        foreach (AdamW.State adam in inner.state_dict().State.OfType<AdamW.State>())
        {
            adam.step = StepCount;
        }

        inner.step();
        inner.zero_grad();
        StepCount++;
    }

    public void ZeroGradients() => inner.zero_grad();

    public void Dispose() => inner.Dispose();
}
