using System.Runtime.InteropServices;

namespace MlNetEmotion.OnnxRuntime;

/// <summary>The library's one exported symbol and what it leads to (<c>struct OrtApiBase</c>).</summary>
internal readonly unsafe partial struct OrtApiBase
{
    /// <summary>The function table of a version, or null where the library is older than that.</summary>
    public readonly delegate* unmanaged<uint, OrtApi*> GetApi;

    /// <summary>The library's version, for example <c>1.30.0</c>: UTF-8, static.</summary>
    public readonly delegate* unmanaged<byte*> GetVersionString;

    /// <summary>The library's entry point; never null, static.</summary>
    [LibraryImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    public static partial OrtApiBase* Get();
}
