using MlNetEmotion.Trainer.Network;
using static TorchSharp.torch;

namespace MlNetEmotion.Trainer.Training;

/// <summary>A copy of a network's parameters and running statistics.</summary>
internal class WeightSnapshot : IDisposable
{
    /// <summary>Creates a copy of the current values.</summary>
    public WeightSnapshot(EmotionNetwork network)
    {
        Network = network;
        using IDisposable noGrad = no_grad();
        State = [.. network.State.Select(item => (item.Name, item.Tensor.clone().DetachFromDisposeScope()))];
    }

    /// <summary>The copied tensors, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State { get; }

    protected EmotionNetwork Network { get; }

    /// <summary>Copies the network's current values again.</summary>
    public void Capture() => Each((copy, own) => copy.copy_(own));

    /// <summary>Writes the copies back into the network.</summary>
    public void Restore() => Each((copy, own) => own.copy_(copy));

    public virtual void Dispose()
    {
        foreach ((_, Tensor copy) in State)
        {
            copy.Dispose();
        }
    }

    protected void Each(Action<Tensor, Tensor> change)
    {
        using IDisposable noGrad = no_grad();
        foreach (((_, Tensor copy), (_, Tensor own)) in State.Zip(Network.State))
        {
            change(copy, own);
        }
    }
}

/// <summary>An exponential moving average of a network's parameters and running statistics; the averaged weights are evaluated and exported.
/// The decay is ramped up from a small value so that the initial weights fade quickly.</summary>
/// <param name="decay">The share of the average that is kept at each step; 0 keeps the latest values only.</param>
internal sealed class Ema(EmotionNetwork network, double decay) : WeightSnapshot(network)
{
    /// <summary>Adds the current parameters to the average.</summary>
    /// <param name="step">Steps taken so far, from 1.</param>
    public void Update(long step)
    {
        double share = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        // Filled on the device: copying a number to it would wait for the step in progress.
        using Tensor weight = full(Array.Empty<long>(), (float)share, ScalarType.Float32, Network.Device);
        Each((average, own) => average.lerp_(own, weight));
    }

    /// <summary>Puts the averaged weights into the network until the result is disposed.</summary>
    public IDisposable Apply()
    {
        var own = new WeightScope(Network);
        Restore();
        return own;
    }
}

/// <summary>Saves a network's parameters and running statistics, and restores them when disposed.</summary>
internal sealed class WeightScope(EmotionNetwork network) : WeightSnapshot(network)
{
    public override void Dispose()
    {
        Restore();
        base.Dispose();
    }
}
