using System.Runtime.InteropServices;
using static MlNetEmotion.Native.Torch.NativeMethods;

namespace MlNetEmotion.Native.Torch;

/// <summary>libtorch's process-wide functions, under the names that PyTorch and TorchSharp give them.</summary>
public static partial class torch
{
    /// <summary>libtorch's version, for example <c>1.13.1</c>.</summary>
    public static string version => Marshal.PtrToStringUTF8(mlt_version()) ?? "";

    /// <summary>Whether this CPU multiplies bfloat16 natively (AVX512-BF16).</summary>
    public static bool cpu_has_bfloat16 => mlt_cpu_has_bfloat16() != 0;

    /// <summary>Whether libtorch finds a CUDA device.</summary>
    public static bool cuda_is_available() => mlt_cuda_is_available() != 0;

    /// <summary>Seeds every random generator of libtorch (dropout).</summary>
    public static void manual_seed(long seed) => Check(mlt_manual_seed(seed), nameof(mlt_manual_seed));

    /// <summary>Threads within an operation.</summary>
    public static int get_num_threads() => mlt_get_num_threads();

    /// <summary>Sets the threads within an operation.</summary>
    public static void set_num_threads(int count) => Check(mlt_set_num_threads(count), nameof(mlt_set_num_threads));

    /// <summary>Turns gradient tracking off for this thread until disposed.</summary>
    public static IDisposable no_grad()
    {
        int previous = mlt_set_grad_enabled(0);
        return new Restore(() => _ = mlt_set_grad_enabled(previous));
    }

    /// <summary>Runs convolutions and matrix products of this thread in bfloat16 until disposed.</summary>
    /// <param name="device">Whose operations.</param>
    /// <param name="enabled">False to change nothing, so that a precision option needs no branch.</param>
    public static IDisposable autocast(DeviceType device, bool enabled = true)
    {
        if (!enabled)
        {
            return new Restore(() => { });
        }

        Check(mlt_set_autocast((int)device, 1), nameof(mlt_set_autocast));
        return new Restore(() => Check(mlt_set_autocast((int)device, 0), nameof(mlt_set_autocast)));
    }

    /// <summary>Frees this thread's tensors made from now on, when disposed.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>float32 zeros.</summary>
    public static unsafe Tensor zeros(long[] size, DeviceType device = DeviceType.CPU)
    {
        fixed (long* sizes = size)
        {
            return Tensor.Result(mlt_zeros(sizes, size.Length, (int)device, out TensorHandle result), result, nameof(mlt_zeros));
        }
    }

    /// <summary>A copy of float32 data, row-major.</summary>
    public static unsafe Tensor tensor(ReadOnlySpan<float> data, long[] size, DeviceType device = DeviceType.CPU)
    {
        RequireLength(data.Length, size);
        fixed (float* pointer = data)
        fixed (long* sizes = size)
        {
            return Tensor.Result(mlt_tensor_float(pointer, sizes, size.Length, (int)device, out TensorHandle result), result, nameof(mlt_tensor_float));
        }
    }

    private static void RequireLength(int length, long[] size)
    {
        long expected = size.Aggregate(1L, (product, extent) => product * extent);
        if (length != expected)
        {
            throw new ArgumentException($"[{string.Join(", ", size)}] takes {expected} elements, got {length}", nameof(size));
        }
    }

    private sealed class Restore(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
