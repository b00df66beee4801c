using MlNetEmotion.Trainer.Export;
using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>The mutable state of a run, as a checkpoint holds it: the network's parameters, the optimizer, the weight average and the progress.</summary>
internal sealed class TrainingState : IDisposable
{
    /// <summary>Creates the state before the first step, with initial weights drawn from the options' seed.</summary>
    /// <param name="votes">Whether the network has a second head, for people's votes; null if the options decide.</param>
    /// <param name="network">The network; null for a new one.</param>
    public TrainingState(TrainingOptions options, Compute compute, bool? votes = null, EmotionNetwork? network = null)
    {
        (Options, Compute) = (options, compute);
        Network = network ?? Networks.Create(options.Network, options.Seed, compute.Device, votes
            ?? (options.Votes.Count > 0 || (options.Rehearse && OnnxWeights.Of(options.From!, options.Network).HasVotes)));
        if (options.Rehearse)
        {
            Rehearsal.FreezeEarlyLayers(Network);
        }

        Optimizer = new Optimizer(options, Network);
        Average = new Ema(Network, options.EmaDecay);
    }

    public TrainingOptions Options { get; }

    public Compute Compute { get; }

    /// <summary>The network, in training mode except during evaluation.</summary>
    public EmotionNetwork Network { get; }

    public Optimizer Optimizer { get; }

    public Ema Average { get; }

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
