using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>Memory for a model's input or output that one run after another uses: float32, row-major, never moved by the collector.</summary>
public sealed unsafe class TensorBuffer
{
    private readonly float[] values;
    private readonly long[] shape;

    /// <summary>Makes room for a tensor.</summary>
    /// <param name="name">The name of the model's input or output.</param>
    /// <param name="shape">The sizes, outermost first, none negative.</param>
    public TensorBuffer(string name, params ReadOnlySpan<long> shape)
    {
        Name = name;
        this.shape = shape.ToArray();
        long count = 1;
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        values = GC.AllocateArray<float>(checked((int)count), pinned: true);
    }

    /// <summary>The name of the model's input or output.</summary>
    public string Name { get; }

    /// <summary>The sizes, outermost first.</summary>
    public ReadOnlySpan<long> Shape => this.shape;

    /// <summary>The elements.</summary>
    public Span<float> Values => values;

    /// <summary>Makes the native tensor over these elements.</summary>
    internal OrtValue ToNative() =>
        OrtValue.Over((float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(values)), values.Length, this.shape, Name);
}
