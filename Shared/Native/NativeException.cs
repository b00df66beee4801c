namespace MlNetEmotion.Native;

/// <summary>A native library (ONNX Runtime, libtorch or OpenCV) failed.</summary>
public sealed class NativeException : Exception
{
    /// <summary>Says which operation failed and what the library said.</summary>
    /// <param name="operation">The native operation, for example <c>OrtApi.Run</c> or <c>mlt_conv2d</c>.</param>
    /// <param name="nativeMessage">The library's own text.</param>
    public NativeException(string operation, string nativeMessage)
        : base($"{operation} failed: {nativeMessage}") => Operation = operation;

    /// <summary>The native operation that failed.</summary>
    public string Operation { get; }
}
