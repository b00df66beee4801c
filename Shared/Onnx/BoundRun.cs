using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion.Onnx;

/// <summary>A buffer for a model's input or output: float32, row-major.</summary>
/// <param name="Shape">The sizes of the axes, outermost first.</param>
/// <param name="Values">The elements, part of a pinned array.</param>
internal sealed record TensorBuffer(string Name, long[] Shape, Memory<float> Values)
{
    public TensorBuffer(string name, params long[] shape)
        : this(name, shape, GC.AllocateArray<float>(checked((int)shape.Aggregate(1L, (product, size) => product * size)), pinned: true))
    {
    }
}

/// <summary>A session with its input and outputs bound to buffers once, so that runs copy and allocate nothing. Not thread-safe.</summary>
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
/// A pool of per-caller run states that also owns the session: a session disposed of during runs is freed after the last one. Thread-safe.
/// Allocates only if more callers run at once than ever before.
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

        session.Dispose(); // may be called repeatedly
    }
}
