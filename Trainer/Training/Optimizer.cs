using MlNetEmotion.Native.Torch;
using MlNetEmotion.Trainer.Network;

namespace MlNetEmotion.Trainer.Training;

/// <summary>Moves a network's parameters against their gradients. Its state is a few flat tensors beside the parameters'.</summary>
internal abstract class Optimizer(FlatParameters parameters) : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> state = [];

    /// <summary>Gets the tensors that a checkpoint must keep, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => state;

    /// <summary>Gets or sets how many steps were taken; part of the state.</summary>
    public long StepCount { get; set; }

    /// <summary>Gets the parameters that it moves.</summary>
    protected FlatParameters Parameters { get; } = parameters;

    /// <summary>Makes an optimizer.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="parameters">The parameters that it moves.</param>
    /// <param name="options">Momentum and weight decay.</param>
    public static Optimizer Create(OptimizerKind kind, FlatParameters parameters, OptimizerOptions options) => kind switch
    {
        OptimizerKind.Sgd => new Sgd(parameters, options),
        OptimizerKind.Adam => new Adam(parameters, options),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an optimizer"),
    };

    /// <summary>Takes one step along the current gradients, then clears them.</summary>
    /// <param name="learningRate">The step's size.</param>
    public void Step(double learningRate)
    {
        using IDisposable noGrad = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        StepCount++;
        Update(learningRate);
        Parameters.Gradients.zero_();
    }

    /// <summary>Frees the state.</summary>
    public void Dispose() => state.ForEach(s => s.Tensor.Dispose());

    /// <summary>Changes the parameters.</summary>
    /// <param name="learningRate">The step's size.</param>
    protected abstract void Update(double learningRate);

    /// <summary>Zeros in the shape of the parameters, kept as state.</summary>
    /// <param name="name">The tensor's name in checkpoints.</param>
    protected Tensor AddState(string name)
    {
        Tensor tensor = torch.zeros(Parameters.Values.shape, Parameters.Device);
        state.Add((name, tensor));
        return tensor;
    }
}
