namespace MlNetEmotion.Native.Torch;

/// <summary>Frees, when it ends, every tensor that its thread made since it began: the temporaries of a training step.
/// Scopes nest. A tensor that must outlive the scope leaves it by <see cref="Tensor.DetachFromDisposeScope"/>.</summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? current;

    private readonly DisposeScope? outer;
    private readonly List<Tensor> tensors = [];

    internal DisposeScope()
    {
        outer = current;
        current = this;
    }

    internal static DisposeScope? Current => current;

    internal void Add(Tensor tensor) => tensors.Add(tensor);

    internal void Remove(Tensor tensor) => tensors.Remove(tensor);

    /// <summary>Frees the scope's tensors and returns to the outer scope. Must run on the thread that began it.</summary>
    public void Dispose()
    {
        current = outer;
        foreach (Tensor tensor in tensors)
        {
            tensor.FreeByScope();
        }

        tensors.Clear();
    }
}
