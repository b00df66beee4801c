namespace MlNetEmotion.OnnxRuntime;

/// <summary>A tensor of ONNX Runtime's that lives as long as one call.</summary>
/// <param name="pointer">An <c>OrtValue*</c>, taken over.</param>
internal readonly unsafe ref struct OrtValue(nint pointer) : IDisposable
{
    /// <summary>The <c>OrtValue*</c>.</summary>
    public nint Pointer => pointer;

    /// <summary>Makes a float32 tensor over memory of the caller's, without a copy.</summary>
    /// <param name="values">The elements, which must stay where they are until the value is disposed of.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="name">The tensor's name, for the error.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than the shape has.</exception>
    public static OrtValue Over(float* values, int count, ReadOnlySpan<long> shape, string name)
    {
        long needed = 1;
        foreach (long size in shape)
        {
            needed = checked(needed * size);
        }

        if (count != needed)
        {
            throw new ArgumentException($"'{name}' of shape [{string.Join(", ", shape.ToArray())}] takes {needed} values, got {count}", nameof(count));
        }

        using OrtHandle.Lease memory = Ort.CpuMemory.Borrow();
        nint value;
        fixed (long* sizes = shape)
        {
            Ort.Check(
                Ort.Api->CreateTensorWithDataAsOrtValue(
                    memory.Pointer, values, (nuint)count * sizeof(float), sizes, (nuint)shape.Length, (int)TensorElementType.Float32, &value),
                nameof(OrtApi.CreateTensorWithDataAsOrtValue));
        }

        return new OrtValue(value);
    }

    /// <summary>Copies a float32 tensor that ONNX Runtime made.</summary>
    /// <param name="name">The tensor's name.</param>
    public FloatTensor Copy(string name)
    {
        long[] shape = ReadShape();
        void* data;
        Ort.Check(Ort.Api->GetTensorMutableData(pointer, &data), nameof(OrtApi.GetTensorMutableData));
        int count = checked((int)shape.Aggregate(1L, (product, size) => product * size));
        return new FloatTensor(name, new ReadOnlySpan<float>(data, count).ToArray(), shape);
    }

    /// <summary>Frees the tensor, not the caller's memory under it.</summary>
    public void Dispose() => Ort.Api->ReleaseValue(pointer);

    private long[] ReadShape()
    {
        nint info;
        Ort.Check(Ort.Api->GetTensorTypeAndShape(pointer, &info), nameof(OrtApi.GetTensorTypeAndShape));
        try
        {
            return ModelReader.ReadDimensions(info);
        }
        finally
        {
            Ort.Api->ReleaseTensorTypeAndShapeInfo(info);
        }
    }
}
