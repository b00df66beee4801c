using MlNetEmotion.Trainer.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A TorchSharp optimizer over a network's parameters. Weight decay applies to the weights of convolutions and linear layers only.</summary>
internal sealed class Optimizer : IDisposable
{
    private readonly OptimizerHelper inner;
    private readonly List<Tensor> owned = [];

    public Optimizer(TrainingOptions options, EmotionNetwork network)
    {
        (string Name, Parameter Parameter)[] all = [.. network.named_parameters()];
        ILookup<bool, (string Name, Parameter Parameter)> decays = all.ToLookup(p => p.Parameter.Decays());
        (Parameter[] decayed, Parameter[] others) = (Of(true), Of(false));
        if (network.Flat is { } flat)
        {
            // The optimizer gets two parameters, both slices of the flat state, whose gradients are slices of one tensor that the backward pass adds to.
            using DisposeScope scope = NewDisposeScope();
            Tensor gradients = Own(zeros(flat.LearnedSize, device: network.Device));
            foreach (((_, Tensor gradient), Parameter parameter) in flat.Views(gradients).Zip(decayed.Concat(others)))
            {
                parameter.grad = gradient;
            }

            (decayed, others) = ([Slice(0, flat.DecayedSize)], [Slice(flat.DecayedSize, flat.LearnedSize - flat.DecayedSize)]);

            Parameter Slice(long from, long size)
            {
                Parameter slice = Tensors.Learned(flat.Values.narrow(0, from, size));
                owned.Add(slice);
                slice.grad = gradients.narrow(0, from, size);
                return slice;
            }
        }

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

        string[] names = [.. decays[true].Concat(decays[false]).Select(p => p.Name)];    // in the optimizer's order
        State =
        [
            .. inner.state_dict().State.SelectMany((state, i) => StateTensors(state).SelectMany(item => network.Flat is { } flatState
                ? flatState.Views(item.Tensor, i == 0 ? 0 : flatState.DecayedSize).Select(part => ($"{item.Name}.{part.Name}", Own(part.View)))
                : [($"{item.Name}.{names[i]}", item.Tensor)])),
        ];

        Parameter[] Of(bool decay) => [.. decays[decay].Select(p => p.Parameter)];
        SGD.Options Sgd(double decay) => new() { momentum = options.Momentum, nesterov = options.Momentum > 0, dampening = 0, weight_decay = decay, maximize = false };

        Tensor Own(Tensor tensor)
        {
            owned.Add(tensor.DetachFromDisposeScope());
            return tensor;
        }

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

    public void Dispose()
    {
        inner.Dispose();
        owned.ForEach(tensor => tensor.Dispose());
    }
}
