using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A copy of a network's parameters and running statistics.</summary>
internal class Snapshot : IDisposable
{
    private readonly EmotionNetwork network;
    private readonly (Tensor Copy, Tensor Own)[] pairs;
    private (string Name, Tensor Tensor)[]? state;

    /// <summary>Copies them as they are.</summary>
    public Snapshot(EmotionNetwork network)
    {
        this.network = network;
        using IDisposable noGrad = no_grad();
        Tensor[] own = network.Flat is { } flat ? [flat.Values] : [.. network.State.Select(item => item.Tensor)];
        pairs = [.. own.Select(tensor => (tensor.detach().clone().DetachFromDisposeScope(), tensor))];
    }

    /// <summary>Gets the copies, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => state ??= network.Flat is null
        ? [.. network.State.Zip(pairs, (item, pair) => (item.Name, pair.Copy))]
        : [.. network.Flat.Views(pairs[0].Copy).Select(item => (item.Name, item.View.DetachFromDisposeScope()))];

    /// <summary>Copies the network's again.</summary>
    public void Take() => Each((copy, own) => copy.copy_(own));

    /// <summary>Puts the copies into the network.</summary>
    public void Restore() => Each((copy, own) => own.copy_(copy));

    public void Dispose()
    {
        foreach (Tensor tensor in pairs.Select(pair => pair.Copy).Concat((state ?? []).Select(item => item.Tensor)))
        {
            tensor.Dispose();    // more than once is allowed
        }
    }

    protected void Each(Action<Tensor, Tensor> change)
    {
        using IDisposable noGrad = no_grad();
        foreach ((Tensor copy, Tensor own) in pairs)
        {
            change(copy, own);
        }
    }
}

/// <summary>An exponential moving average of a network's parameters and running statistics; what is evaluated and shipped.
/// It averages fewer steps while training is young, so that initial values fade soon.</summary>
/// <param name="network">Whose; the average starts from what it is.</param>
/// <param name="decay">The share that stays at each step; 0 keeps no average but the latest values.</param>
internal sealed class Ema(EmotionNetwork network, double decay) : Snapshot(network)
{
    private readonly EmotionNetwork network = network;

    /// <summary>Takes the current parameters in.</summary>
    /// <param name="step">Steps taken so far, from 1.</param>
    public void Update(long step)
    {
        double share = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        // Filled on the device: a number that is copied there waits for the step in progress.
        using Tensor weight = full(Array.Empty<long>(), (float)share, ScalarType.Float32, network.Device);
        Each((average, own) => average.lerp_(own, weight));
    }

    /// <summary>Puts the average in the network's place until disposed.</summary>
    public IDisposable Apply()
    {
        var own = new Restored(network);
        Restore();
        return own;
    }
}

/// <summary>Puts a network's parameters and running statistics back when disposed.</summary>
internal sealed class Restored(EmotionNetwork network) : IDisposable
{
    private readonly Snapshot kept = new(network);

    public void Dispose()
    {
        kept.Restore();
        kept.Dispose();
    }
}
