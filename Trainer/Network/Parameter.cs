using MlNetEmotion.Native.Torch;

namespace MlNetEmotion.Trainer.Network;

/// <summary>A named tensor of a layer: a learned weight or, where <see cref="IsBuffer"/>, a running statistic.
/// The layer declares it; <see cref="FlatParameters"/> gives it its memory.</summary>
/// <param name="shape">Its sizes, float32.</param>
/// <param name="initialize">Fills the initial values, row-major.</param>
internal sealed class Parameter(long[] shape, Action<Random, float[]> initialize)
{
    private Tensor? value;

    /// <summary>Gets the path of names from the network's root, as PyTorch writes it: <c>stages.0.0.conv1.weight</c>.
    /// It keys the checkpoint's tensors and the ONNX initializers alike.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Gets the sizes.</summary>
    public long[] Shape { get; } = shape;

    /// <summary>Gets the number of elements.</summary>
    public long Count { get; } = shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Gets whether the tensor is a statistic that training updates without a gradient.</summary>
    public bool IsBuffer { get; init; }

    /// <summary>Gets whether weight decay applies: to the weights of convolutions and linear layers, not to biases or norms.</summary>
    public bool Decays => !IsBuffer && Shape.Length > 1;

    /// <summary>Gets or sets the memory.</summary>
    public Tensor Value
    {
        get => value ?? throw new InvalidOperationException($"parameter '{Name}' has no memory yet; build a {nameof(FlatParameters)} first");
        internal set => this.value = value;
    }

    /// <summary>Draws the initial values.</summary>
    /// <param name="random">The source of all randomness.</param>
    public float[] InitialValues(Random random)
    {
        float[] values = new float[Count];
        initialize(random, values);
        return values;
    }
}
