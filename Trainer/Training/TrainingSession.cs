using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>What a run changes as it goes: the network's parameters, the optimizer, the weight average and the position.
/// This is what a checkpoint holds.</summary>
internal sealed class TrainingSession : IDisposable
{
    /// <summary>Begins at the first step, with initial weights drawn from the options' seed.</summary>
    /// <param name="options">The run's settings.</param>
    /// <param name="compute">Where it computes.</param>
    public TrainingSession(TrainingOptions options, Compute compute)
        : this(options, compute, Networks.Create(options.Network))
    {
    }

    /// <summary>Begins with a network of the caller's own, whose parameters have their names.</summary>
    internal TrainingSession(TrainingOptions options, Compute compute, Module network)
    {
        Options = options;
        Compute = compute;
        Network = network;
        Parameters = new FlatParameters(Network, new Random(options.Seed), compute.Device);
        Optimizer = Optimizer.Create(options.Optimizer, Parameters, new OptimizerOptions(options.Momentum, options.WeightDecay));
        Average = new WeightAverage(Parameters, options.EmaDecay);
    }

    /// <summary>Gets the run's settings.</summary>
    public TrainingOptions Options { get; }

    /// <summary>Gets where the run computes.</summary>
    public Compute Compute { get; }

    /// <summary>Gets the network, in training mode but for evaluations.</summary>
    public Module Network { get; }

    /// <summary>Gets its memory.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Gets the optimizer.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Gets the weight average.</summary>
    public WeightAverage Average { get; }

    /// <summary>Gets or sets how far the run has come.</summary>
    public TrainingPosition Position { get; set; } = new();

    /// <summary>The network's scores, with convolutions in the run's precision.</summary>
    /// <param name="images">float32 [N, 1, 48, 48], each in [0, 255].</param>
    /// <returns>[N, 7].</returns>
    public Tensor Logits(Tensor images)
    {
        using IDisposable autocast = torch.autocast(Compute.Device, Compute.Bfloat16);
        return Network.forward(images);
    }

    /// <summary>Views of every tensor that a resumed run needs, by their names in checkpoints. The caller disposes them.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedTensors() =>
        Prefixed("model", Parameters.NamedValues(Parameters.Values))
            .Concat(Prefixed("model", Parameters.NamedBuffers(Parameters.Buffers)))
            .Concat(Prefixed("average", Parameters.NamedValues(Average.Values)))
            .Concat(Prefixed("average", Parameters.NamedBuffers(Average.Buffers)))
            .Concat(Optimizer.State.SelectMany(state => Prefixed($"optimizer.{state.Name}", Parameters.NamedValues(state.Tensor))));

    /// <summary>Frees all native memory.</summary>
    public void Dispose()
    {
        Average.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, IEnumerable<(string Name, Tensor View)> views) =>
        views.Select(v => ($"{prefix}.{v.Name}", v.View));
}
