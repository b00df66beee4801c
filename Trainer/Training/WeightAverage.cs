using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>An exponential moving average of a network's parameters and running statistics; what is evaluated and shipped.
/// It averages fewer steps while training is young, so that initial values fade soon.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly double decay;

    /// <summary>Starts from the parameters as they are.</summary>
    /// <param name="parameters">What is averaged.</param>
    /// <param name="decay">The share that stays at each step; 0 keeps no average but the latest values.</param>
    public WeightAverage(FlatParameters parameters, double decay)
    {
        this.parameters = parameters;
        this.decay = decay;
        Values = parameters.Values.clone();
        Buffers = parameters.Buffers.clone();
    }

    /// <summary>Gets the averaged parameters, float32 [P].</summary>
    public Tensor Values { get; }

    /// <summary>Gets the averaged statistics, float32 [B].</summary>
    public Tensor Buffers { get; }

    /// <summary>Takes the current parameters in.</summary>
    /// <param name="step">Steps taken so far, from 1.</param>
    public void Update(long step)
    {
        double weight = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        using IDisposable noGrad = torch.no_grad();
        Values.lerp_(parameters.Values, weight);
        Buffers.lerp_(parameters.Buffers, weight);
    }

    /// <summary>Starts again from the parameters as they are.</summary>
    public void Restart()
    {
        using IDisposable noGrad = torch.no_grad();
        Values.copy_(parameters.Values);
        Buffers.copy_(parameters.Buffers);
    }

    /// <summary>Puts the average in the network's place until disposed.</summary>
    public IDisposable Apply()
    {
        IDisposable kept = parameters.Keep();
        CopyToNetwork();
        return kept;
    }

    /// <summary>Puts the average in the network's place for good.</summary>
    public void CopyToNetwork() => parameters.Set(Values, Buffers);

    /// <summary>Frees the average.</summary>
    public void Dispose()
    {
        Values.Dispose();
        Buffers.Dispose();
    }
}
