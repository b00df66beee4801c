using System.Runtime.InteropServices;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>
/// The part of ONNX Runtime's C API (<c>struct OrtApi</c> in onnxruntime_c_api.h) that is used here: a table of functions, each at
/// its ordinal times a pointer's size. The table only ever grows at its end, so the ordinals hold for every later library too.
/// Functions that return <c>nint</c> return an <c>OrtStatus*</c>: pass it to <see cref="Ort.Check"/>, which frees it.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
internal readonly unsafe struct OrtApi
{
    /// <summary>The oldest table that has everything below, with the same meaning: ONNX Runtime 1.17's.</summary>
    public const uint Version = 17;

    private const int Pointer = 8; // every platform that ONNX Runtime is built for here has 64 bits

    [FieldOffset(2 * Pointer)] public readonly delegate* unmanaged<nint, byte*> GetErrorMessage;
    [FieldOffset(3 * Pointer)] public readonly delegate* unmanaged<int, byte*, nint*, nint> CreateEnv;
    [FieldOffset(6 * Pointer)] public readonly delegate* unmanaged<nint, nint> DisableTelemetryEvents;
    [FieldOffset(8 * Pointer)] public readonly delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint> CreateSessionFromArray;
    [FieldOffset(9 * Pointer)] public readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run;
    [FieldOffset(10 * Pointer)] public readonly delegate* unmanaged<nint*, nint> CreateSessionOptions;
    [FieldOffset(23 * Pointer)] public readonly delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel;
    [FieldOffset(24 * Pointer)] public readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads;
    [FieldOffset(30 * Pointer)] public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount;
    [FieldOffset(31 * Pointer)] public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount;
    [FieldOffset(33 * Pointer)] public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo;
    [FieldOffset(34 * Pointer)] public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo;
    [FieldOffset(36 * Pointer)] public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetInputName;
    [FieldOffset(37 * Pointer)] public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOutputName;
    [FieldOffset(49 * Pointer)] public readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithDataAsOrtValue;
    [FieldOffset(51 * Pointer)] public readonly delegate* unmanaged<nint, void**, nint> GetTensorMutableData;
    [FieldOffset(55 * Pointer)] public readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo;
    [FieldOffset(60 * Pointer)] public readonly delegate* unmanaged<nint, int*, nint> GetTensorElementType;
    [FieldOffset(61 * Pointer)] public readonly delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount;
    [FieldOffset(62 * Pointer)] public readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions;
    [FieldOffset(65 * Pointer)] public readonly delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape;
    [FieldOffset(69 * Pointer)] public readonly delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo;
    [FieldOffset(76 * Pointer)] public readonly delegate* unmanaged<nint, void*, nint> AllocatorFree;
    [FieldOffset(78 * Pointer)] public readonly delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions;
    [FieldOffset(92 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseEnv;
    [FieldOffset(93 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseStatus;
    [FieldOffset(94 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo;
    [FieldOffset(95 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseSession;
    [FieldOffset(96 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseValue;
    [FieldOffset(98 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseTypeInfo;
    [FieldOffset(99 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo;
    [FieldOffset(100 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseSessionOptions;
    [FieldOffset(111 * Pointer)] public readonly delegate* unmanaged<nint, nint*, nint> SessionGetModelMetadata;
    [FieldOffset(116 * Pointer)] public readonly delegate* unmanaged<nint, nint, byte*, byte**, nint> ModelMetadataLookupCustomMetadataMap;
    [FieldOffset(118 * Pointer)] public readonly delegate* unmanaged<nint, void> ReleaseModelMetadata;
    [FieldOffset(123 * Pointer)] public readonly delegate* unmanaged<nint, nint, byte***, long*, nint> ModelMetadataGetCustomMetadataMapKeys;
    [FieldOffset(130 * Pointer)] public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry;
}
