using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.Torch;

/// <summary>The signatures of mlt.h's exports, in the order of the native files. What is freed by whom stands there.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "mlt";

    // GCC's OpenMP, which libtorch's threads come from, lets a thread spin for milliseconds while it waits for another one. Where
    // something else needs a core, that other one waits too: training beside one busy loop fell from 112 to 41 images/s, and to 57 with this. The library reads its environment
    // as it is loaded, which is at the first call of a method here, and .NET's own SetEnvironmentVariable doesn't reach it.
    static NativeMethods()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = setenv("GOMP_SPINCOUNT", "10000", overwrite: 0);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);

    // runtime.cpp
    [LibraryImport(Library)] internal static partial int mlt_last_error(byte* buffer, int capacity);
    [LibraryImport(Library)] internal static partial nint mlt_version();
    [LibraryImport(Library)] internal static partial int mlt_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial int mlt_get_num_threads();
    [LibraryImport(Library)] internal static partial int mlt_set_num_threads(int count);
    [LibraryImport(Library)] internal static partial int mlt_set_grad_enabled(int enabled);
    [LibraryImport(Library)] internal static partial int mlt_cuda_is_available();
    [LibraryImport(Library)] internal static partial int mlt_cpu_has_bfloat16();
    [LibraryImport(Library)] internal static partial int mlt_set_autocast(int cuda, int enabled);

    // tensor.cpp
    [LibraryImport(Library)] internal static partial void mlt_tensor_free(nint tensor);
    [LibraryImport(Library)] internal static partial int mlt_zeros(long* shape, int dims, int cuda, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_float(float* data, long* shape, int dims, int cuda, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_dim(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial void mlt_tensor_shape(TensorHandle tensor, long* shape);
    [LibraryImport(Library)] internal static partial int mlt_tensor_read(TensorHandle tensor, float* destination, long count);
    [LibraryImport(Library)] internal static partial int mlt_tensor_write(TensorHandle tensor, float* source, long count);
    [LibraryImport(Library)] internal static partial int mlt_tensor_view(TensorHandle tensor, long* shape, int dims, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_narrow(TensorHandle tensor, long dim, long start, long length, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_permute(TensorHandle tensor, long* order, int dims, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_detach(TensorHandle tensor, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_clone(TensorHandle tensor, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_channels_last(TensorHandle tensor, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_requires_grad_(TensorHandle tensor, int enabled);
    [LibraryImport(Library)] internal static partial int mlt_tensor_grad(TensorHandle tensor, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_set_grad(TensorHandle tensor, TensorHandle grad);
    [LibraryImport(Library)] internal static partial int mlt_tensor_backward(TensorHandle tensor, TensorHandle gradient);
    [LibraryImport(Library)] internal static partial int mlt_tensor_zero_(TensorHandle tensor);
    [LibraryImport(Library)] internal static partial int mlt_tensor_copy_(TensorHandle tensor, TensorHandle source);
    [LibraryImport(Library)] internal static partial int mlt_tensor_add_(TensorHandle tensor, TensorHandle other, double alpha);
    [LibraryImport(Library)] internal static partial int mlt_tensor_add_scalar_(TensorHandle tensor, double scalar);
    [LibraryImport(Library)] internal static partial int mlt_tensor_mul_scalar_(TensorHandle tensor, double scalar);
    [LibraryImport(Library)] internal static partial int mlt_tensor_lerp_(TensorHandle tensor, TensorHandle end, double weight);
    [LibraryImport(Library)] internal static partial int mlt_tensor_addcmul_(TensorHandle tensor, TensorHandle a, TensorHandle b, double value);
    [LibraryImport(Library)] internal static partial int mlt_tensor_addcdiv_(TensorHandle tensor, TensorHandle a, TensorHandle b, double value);
    [LibraryImport(Library)] internal static partial int mlt_tensor_sqrt(TensorHandle tensor, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_tensor_norm(TensorHandle tensor, out TensorHandle result);

    // functional.cpp
    [LibraryImport(Library)] internal static partial int mlt_mul(TensorHandle a, TensorHandle b, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_add_scalar(TensorHandle a, double scalar, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_mul_scalar(TensorHandle a, double scalar, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_relu(TensorHandle x, int inplace, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_sigmoid(TensorHandle x, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_softmax(TensorHandle x, long dim, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_flatten(TensorHandle x, long startDim, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_mean(TensorHandle x, long* dims, int count, int keepdim, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_equalize(TensorHandle x, long bins, double range, double eps, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_linear(TensorHandle x, TensorHandle weight, TensorHandle bias, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_avg_pool2d(TensorHandle x, long kernel, long stride, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_dropout(TensorHandle x, double p, int training, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_cross_entropy(TensorHandle logits, TensorHandle target, out TensorHandle result);

    /// <summary>Turns a status into an exception; every call's status goes through here.</summary>
    /// <param name="status">What the native function returned.</param>
    /// <param name="operation">Its name.</param>
    /// <exception cref="NativeException">The status is a failure; carries libtorch's text.</exception>
    internal static void Check(int status, string operation)
    {
        if (status == 0)
        {
            return;
        }

        byte[] text = new byte[4096];
        fixed (byte* buffer = text)
        {
            _ = mlt_last_error(buffer, text.Length);
            throw new NativeException(operation, Marshal.PtrToStringUTF8((nint)buffer) ?? "");
        }
    }

    // fused.cpp
    [LibraryImport(Library)] internal static partial int mlt_conv2d(TensorHandle x, TensorHandle weight, TensorHandle bias, long stride, long padding, long groups, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_batch_norm(TensorHandle x, TensorHandle runningMean, TensorHandle runningVar, TensorHandle weight, TensorHandle bias, int training, double momentum, double eps, int relu, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_gated_sum_relu(TensorHandle x, TensorHandle gate, TensorHandle shortcut, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_max_pool2d(TensorHandle x, long kernel, long stride, long padding, out TensorHandle result);
    [LibraryImport(Library)] internal static partial int mlt_sgd_step(TensorHandle values, TensorHandle gradients, TensorHandle velocity, long decayed, double rate, double momentum, double decay);
}
