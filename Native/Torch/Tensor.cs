using static MlNetEmotion.Native.Torch.NativeMethods;

namespace MlNetEmotion.Native.Torch;

/// <summary>A libtorch tensor. Members carry the names that PyTorch and TorchSharp give them; a trailing underscore marks
/// what changes the tensor in place. Not thread-safe. Freed by <see cref="Dispose"/> or by its thread's <see cref="DisposeScope"/>.</summary>
public sealed class Tensor : IDisposable
{
    private DisposeScope? scope;

    internal Tensor(TensorHandle handle)
    {
        Handle = handle;
        scope = DisposeScope.Current;
        scope?.Add(this);
    }

    internal TensorHandle Handle { get; }

    /// <summary>The sizes, outermost first.</summary>
    public unsafe long[] shape
    {
        get
        {
            long[] sizes = new long[mlt_tensor_dim(Handle)];
            fixed (long* pointer = sizes)
            {
                mlt_tensor_shape(Handle, pointer);
            }

            return sizes;
        }
    }

    /// <summary>The number of elements.</summary>
    public long numel() => shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The gradient itself (not a copy), or null where there is none yet. Setting it lets backward accumulate into it.</summary>
    public Tensor? grad
    {
        get
        {
            Check(mlt_tensor_grad(Handle, out TensorHandle result), nameof(mlt_tensor_grad));
            return result.IsInvalid ? null : new Tensor(result);
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Check(mlt_tensor_set_grad(Handle, value.Handle), nameof(mlt_tensor_set_grad));
        }
    }

    /// <summary>Copies all elements out as float32, row-major, whatever the tensor's type, layout and device.</summary>
    public float[] ToArray()
    {
        float[] values = new float[numel()];
        CopyTo(values);
        return values;
    }

    /// <summary>Copies all elements out as float32, row-major.</summary>
    /// <param name="destination">Exactly <see cref="numel"/> elements.</param>
    public unsafe void CopyTo(Span<float> destination)
    {
        fixed (float* pointer = destination)
        {
            Check(mlt_tensor_read(Handle, pointer, destination.Length), nameof(mlt_tensor_read));
        }
    }

    /// <summary>Overwrites all elements, row-major, with float32 values.</summary>
    /// <param name="source">Exactly <see cref="numel"/> elements.</param>
    public unsafe void CopyFrom(ReadOnlySpan<float> source)
    {
        fixed (float* pointer = source)
        {
            Check(mlt_tensor_write(Handle, pointer, source.Length), nameof(mlt_tensor_write));
        }
    }

    /// <summary>The only element, as float32.</summary>
    public float ToSingle()
    {
        float value = 0;
        CopyTo(new Span<float>(ref value));
        return value;
    }

    /// <summary>The same memory under another shape.</summary>
    public unsafe Tensor view(params long[] shape)
    {
        fixed (long* sizes = shape)
        {
            return Result(mlt_tensor_view(Handle, sizes, shape.Length, out TensorHandle result), result, nameof(mlt_tensor_view));
        }
    }

    /// <summary>A part of one dimension, sharing memory.</summary>
    public Tensor narrow(long dim, long start, long length) =>
        Result(mlt_tensor_narrow(Handle, dim, start, length, out TensorHandle result), result, nameof(mlt_tensor_narrow));

    /// <summary>The dimensions in another order, sharing memory.</summary>
    public unsafe Tensor permute(params long[] order)
    {
        fixed (long* dims = order)
        {
            return Result(mlt_tensor_permute(Handle, dims, order.Length, out TensorHandle result), result, nameof(mlt_tensor_permute));
        }
    }

    /// <summary>The same memory, outside the autograd graph.</summary>
    public Tensor detach() =>
        Result(mlt_tensor_detach(Handle, out TensorHandle result), result, nameof(mlt_tensor_detach));

    /// <summary>A copy.</summary>
    public Tensor clone() =>
        Result(mlt_tensor_clone(Handle, out TensorHandle result), result, nameof(mlt_tensor_clone));

    /// <summary>[N, C, H, W] stored as NHWC, the layout that oneDNN's and cuDNN's bfloat16 kernels are fastest in.</summary>
    public Tensor channels_last() =>
        Result(mlt_tensor_channels_last(Handle, out TensorHandle result), result, nameof(mlt_tensor_channels_last));

    /// <summary>Makes this a leaf that autograd computes a gradient for.</summary>
    public Tensor requires_grad_(bool requires_grad = true) =>
        Done(mlt_tensor_requires_grad_(Handle, requires_grad ? 1 : 0), nameof(mlt_tensor_requires_grad_));

    /// <summary>Accumulates gradients into the leaves that this came from.</summary>
    /// <param name="gradient">The loss's gradient with respect to this; null where this is the loss, a scalar.</param>
    public void backward(Tensor? gradient = null) => Done(mlt_tensor_backward(Handle, gradient?.Handle ?? TensorHandle.None), nameof(mlt_tensor_backward));

    /// <summary>Sets every element to 0.</summary>
    public Tensor zero_() => Done(mlt_tensor_zero_(Handle), nameof(mlt_tensor_zero_));

    /// <summary>Copies another tensor's elements in.</summary>
    public Tensor copy_(Tensor source) => Done(mlt_tensor_copy_(Handle, source.Handle), nameof(mlt_tensor_copy_));

    /// <summary><c>this += alpha * other</c>.</summary>
    public Tensor add_(Tensor other, double alpha = 1) => Done(mlt_tensor_add_(Handle, other.Handle, alpha), nameof(mlt_tensor_add_));

    /// <summary><c>this += scalar</c>.</summary>
    public Tensor add_(double scalar) => Done(mlt_tensor_add_scalar_(Handle, scalar), nameof(mlt_tensor_add_scalar_));

    /// <summary><c>this *= scalar</c>.</summary>
    public Tensor mul_(double scalar) => Done(mlt_tensor_mul_scalar_(Handle, scalar), nameof(mlt_tensor_mul_scalar_));

    /// <summary><c>this += weight * (end - this)</c>.</summary>
    public Tensor lerp_(Tensor end, double weight) => Done(mlt_tensor_lerp_(Handle, end.Handle, weight), nameof(mlt_tensor_lerp_));

    /// <summary><c>this += value * tensor1 * tensor2</c>.</summary>
    public Tensor addcmul_(Tensor tensor1, Tensor tensor2, double value = 1) =>
        Done(mlt_tensor_addcmul_(Handle, tensor1.Handle, tensor2.Handle, value), nameof(mlt_tensor_addcmul_));

    /// <summary><c>this += value * tensor1 / tensor2</c>.</summary>
    public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, double value = 1) =>
        Done(mlt_tensor_addcdiv_(Handle, tensor1.Handle, tensor2.Handle, value), nameof(mlt_tensor_addcdiv_));

    /// <summary>Element-wise square root.</summary>
    public Tensor sqrt() =>
        Result(mlt_tensor_sqrt(Handle, out TensorHandle result), result, nameof(mlt_tensor_sqrt));

    /// <summary>The Euclidean norm over all elements, a scalar.</summary>
    public Tensor norm() =>
        Result(mlt_tensor_norm(Handle, out TensorHandle result), result, nameof(mlt_tensor_norm));

    /// <summary>Keeps this tensor alive beyond the current scope; its owner disposes it.</summary>
    public Tensor DetachFromDisposeScope()
    {
        scope?.Remove(this);
        scope = null;
        return this;
    }

    /// <summary>Frees the native reference. The memory itself goes when no view and no graph holds it any more.</summary>
    public void Dispose()
    {
        DetachFromDisposeScope();
        Handle.Dispose();
    }

    internal void FreeByScope()
    {
        scope = null;
        Handle.Dispose();
    }

    /// <summary>What a native function returned, as a tensor of the current scope.</summary>
    internal static Tensor Result(int status, TensorHandle handle, string operation)
    {
        Check(status, operation);
        return new Tensor(handle);
    }

    private Tensor Done(int status, string operation)
    {
        Check(status, operation);
        return this;
    }
}
