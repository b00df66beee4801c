using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The mutable state of a run, as a checkpoint holds it: the network's parameters, the optimizer, the weight average and the progress.</summary>
internal sealed class TrainingState : IDisposable
{
    /// <summary>Creates the state before the first step, with initial weights drawn from the options' seed.</summary>
    public TrainingState(TrainingOptions options, Compute compute)
        : this(options, compute, votes: options.Votes.Count > 0 || (options.Rehearse && OnnxWeights.Of(options.From!, options.Network).HasVotes))
    {
    }

    /// <summary>Creates the state with initial weights.</summary>
    /// <param name="votes">Whether the network has a second head, for people's votes.</param>
    internal TrainingState(TrainingOptions options, Compute compute, bool votes)
        : this(options, compute, Networks.Create(options.Network, options.Seed, compute.Device, votes))
    {
    }

    /// <summary>Creates the state with a given network.</summary>
    internal TrainingState(TrainingOptions options, Compute compute, EmotionNetwork network)
    {
        (Options, Compute, Network) = (options, compute, network);
        if (options.Rehearse)
        {
            Rehearsal.FreezeEarlyLayers(network);
        }

        Optimizer = new Optimizer(options, network);
        Average = new Ema(network, options.EmaDecay);
    }

    public TrainingOptions Options { get; }

    public Compute Compute { get; }

    /// <summary>The network, in training mode except during evaluation.</summary>
    public EmotionNetwork Network { get; }

    public Optimizer Optimizer { get; }

    public Ema Average { get; }

    /// <summary>The run's progress.</summary>
    public TrainingProgress Progress { get; set; } = new();

    /// <summary>Returns every tensor that a resumed run needs, by its name in checkpoints.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedTensors() =>
        Prefixed("model", Network.State).Concat(Prefixed("average", Average.State)).Concat(Prefixed("optimizer", Optimizer.State));

    public void Dispose()
    {
        Average.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, IEnumerable<(string Name, Tensor Tensor)> tensors) =>
        tensors.Select(item => ($"{prefix}.{item.Name}", item.Tensor));
}
