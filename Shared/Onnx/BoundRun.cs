using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion.Onnx;

/// <summary>Memory for a model's input or output: float32, row-major.</summary>
/// <param name="Shape">Its sizes, outermost first.</param>
/// <param name="Values">Its elements: part of a pinned array.</param>
internal sealed record TensorBuffer(string Name, long[] Shape, Memory<float> Values)
{
    public TensorBuffer(string name, params long[] shape)
        : this(name, shape, GC.AllocateArray<float>(checked((int)shape.Aggregate(1L, (product, size) => product * size)), pinned: true))
    {
    }
}

/// <summary>A model's inputs and outputs bound to memory once, so that a run copies and allocates nothing. For one thread at a time.</summary>
internal sealed class BoundRun : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly OrtIoBinding? binding;
    private readonly List<OrtValue> values = [];

    public BoundRun(InferenceSession session, TensorBuffer input, params TensorBuffer[] outputs)
    {
        this.session = session;
        try
        {
            binding = session.CreateIoBinding();
            binding.BindInput(input.Name, Value(input));
            foreach (TensorBuffer output in outputs)
            {
                binding.BindOutput(output.Name, Value(output));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Run() => session.RunWithBinding(options, binding!);

    public void Dispose()
    {
        binding?.Dispose();
        values.ForEach(value => value.Dispose());
        options.Dispose();
    }

    private OrtValue Value(TensorBuffer tensor)
    {
        var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.Values, tensor.Shape);
        values.Add(value);
        return value;
    }
}

/// <summary>
/// Gives each caller what it needs for a run to itself, and keeps the session until the last run is over, whoever disposes of it
/// meanwhile. Thread-safe; allocates only when more callers come at once than ever before.
/// </summary>
internal sealed class RunPool<T>(InferenceSession session, Func<T> create) : IDisposable
    where T : class, IDisposable
{
    private readonly Stack<T> idle = new();
    private int running;
    private bool isDisposed;

    public T Rent()
    {
        lock (idle)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            running++;
            if (idle.TryPop(out T? run))
            {
                return run;
            }
        }

        try
        {
            return create();
        }
        catch
        {
            Return(null);
            throw;
        }
    }

    public void Return(T? run)
    {
        lock (idle)
        {
            running--;
            if (run is not null)
            {
                idle.Push(run);
            }

            FreeIfUnused();
        }
    }

    public void Dispose()
    {
        lock (idle)
        {
            isDisposed = true;
            FreeIfUnused();
        }
    }

    private void FreeIfUnused()
    {
        if (!isDisposed || running > 0)
        {
            return;
        }

        while (idle.TryPop(out T? run))
        {
            run.Dispose();
        }

        session.Dispose(); // more than once is allowed
    }
}
