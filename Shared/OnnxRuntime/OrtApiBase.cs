namespace MlNetEmotion.OnnxRuntime;

/// <summary>What the library's one exported function leads to (<c>struct OrtApiBase</c>).</summary>
internal readonly unsafe struct OrtApiBase
{
    /// <summary>The function table of a version, or null where the library is older than that.</summary>
    public readonly delegate* unmanaged<uint, OrtApi*> GetApi;

    /// <summary>The library's version, for example <c>1.30.0</c>: UTF-8, static.</summary>
    public readonly delegate* unmanaged<byte*> GetVersionString;
}
