namespace MlNetEmotion.OnnxRuntime;

/// <summary>Reads what a loaded model says of itself.</summary>
internal static unsafe class ModelReader
{
    /// <summary>The model's inputs, in the graph's order.</summary>
    /// <param name="session">An <c>OrtSession*</c>.</param>
    public static TensorInfo[] ReadInputs(nint session) =>
        ReadTensors(
            session,
            Ort.Api->SessionGetInputCount,
            Ort.Api->SessionGetInputName,
            Ort.Api->SessionGetInputTypeInfo,
            "SessionGetInput");

    /// <summary>The model's outputs, in the graph's order.</summary>
    /// <param name="session">An <c>OrtSession*</c>.</param>
    public static TensorInfo[] ReadOutputs(nint session) =>
        ReadTensors(
            session,
            Ort.Api->SessionGetOutputCount,
            Ort.Api->SessionGetOutputName,
            Ort.Api->SessionGetOutputTypeInfo,
            "SessionGetOutput");

    /// <summary>The model's metadata properties.</summary>
    /// <param name="session">An <c>OrtSession*</c>.</param>
    public static Dictionary<string, string> ReadMetadata(nint session)
    {
        nint metadata;
        Ort.Check(Ort.Api->SessionGetModelMetadata(session, &metadata), nameof(OrtApi.SessionGetModelMetadata));
        try
        {
            nint allocator = Ort.Allocator();
            byte** keys = null;
            long count;
            Ort.Check(
                Ort.Api->ModelMetadataGetCustomMetadataMapKeys(metadata, allocator, &keys, &count),
                nameof(OrtApi.ModelMetadataGetCustomMetadataMapKeys));
            var properties = new Dictionary<string, string>((int)count, StringComparer.Ordinal);
            for (long i = 0; i < count; i++)
            {
                byte* value;
                Ort.Check(
                    Ort.Api->ModelMetadataLookupCustomMetadataMap(metadata, allocator, keys[i], &value),
                    nameof(OrtApi.ModelMetadataLookupCustomMetadataMap));
                properties[Ort.TakeString(keys[i])] = Ort.TakeString(value);
            }

            Ort.Check(Ort.Api->AllocatorFree(allocator, keys), nameof(OrtApi.AllocatorFree));
            return properties;
        }
        finally
        {
            Ort.Api->ReleaseModelMetadata(metadata);
        }
    }

    /// <summary>A tensor's sizes; -1 for those that are not fixed.</summary>
    /// <param name="info">An <c>OrtTensorTypeAndShapeInfo*</c>.</param>
    public static long[] ReadDimensions(nint info)
    {
        nuint count;
        Ort.Check(Ort.Api->GetDimensionsCount(info, &count), nameof(OrtApi.GetDimensionsCount));
        var shape = new long[count];
        fixed (long* sizes = shape)
        {
            Ort.Check(Ort.Api->GetDimensions(info, sizes, count), nameof(OrtApi.GetDimensions));
        }

        return shape;
    }

    private static TensorInfo[] ReadTensors(
        nint session,
        delegate* unmanaged<nint, nuint*, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getTypeInfo,
        string operation)
    {
        nuint count;
        Ort.Check(getCount(session, &count), operation + "Count");
        var tensors = new TensorInfo[count];
        for (nuint i = 0; i < count; i++)
        {
            byte* name;
            nint type;
            Ort.Check(getName(session, i, Ort.Allocator(), &name), operation + "Name");
            string text = Ort.TakeString(name);
            Ort.Check(getTypeInfo(session, i, &type), operation + "TypeInfo");
            try
            {
                tensors[i] = ReadTensor(text, type);
            }
            finally
            {
                Ort.Api->ReleaseTypeInfo(type);
            }
        }

        return tensors;
    }

    private static TensorInfo ReadTensor(string name, nint type)
    {
        nint info;
        Ort.Check(Ort.Api->CastTypeInfoToTensorInfo(type, &info), nameof(OrtApi.CastTypeInfoToTensorInfo));
        if (info == 0)
        {
            return new TensorInfo(name, TensorElementType.Undefined, []);
        }

        int elementType;
        Ort.Check(Ort.Api->GetTensorElementType(info, &elementType), nameof(OrtApi.GetTensorElementType));
        return new TensorInfo(name, (TensorElementType)elementType, ReadDimensions(info));
    }
}
