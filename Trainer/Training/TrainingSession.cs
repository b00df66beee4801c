using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What a run changes as it goes: the network's parameters, the optimizer, the weight average and the position.
/// This is what a checkpoint holds.</summary>
internal sealed class TrainingSession : IDisposable
{
    /// <summary>Begins at the first step, with initial weights drawn from the options' seed.</summary>
    public TrainingSession(TrainingOptions options, Compute compute)
        : this(options, compute, Networks.Create(options.Network, options.Seed, compute.Device, votes: options.Votes.Count > 0))
    {
    }

    /// <summary>Begins with a network of the caller's own.</summary>
    internal TrainingSession(TrainingOptions options, Compute compute, EmotionNetwork network)
    {
        (Options, Compute, Network) = (options, compute, network);
        Optimizer = new Optimizer(options, network);
        Average = new Ema(network, options.EmaDecay);
    }

    public TrainingOptions Options { get; }

    public Compute Compute { get; }

    /// <summary>Gets the network, in training mode but for evaluations.</summary>
    public EmotionNetwork Network { get; }

    public Optimizer Optimizer { get; }

    public Ema Average { get; }

    /// <summary>Gets or sets how far the run has come.</summary>
    public TrainingPosition Position { get; set; } = new();

    /// <summary>Every tensor that a resumed run needs, by its name in checkpoints.</summary>
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
