using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion;

/// <summary>ONNX Runtime settings. The defaults suit a program that has other work for the processor too.</summary>
public sealed record OnnxOptions
{
    /// <summary>The number of threads per operator. Null for the model's default: one thread for YuNet, one per processor that this
    /// process may use for the emotion model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public int? Threads
    {
        get;
        init
        {
            field = value is not <= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected at least 1, or null for the default");
        }
    }

    /// <summary>
    /// Whether idle threads spin before they sleep. Reduces latency slightly, but takes processor time from the rest of the program, such as a
    /// video decoder or a face detector.
    /// </summary>
    public bool Spinning { get; init; }

    /// <summary>Sets any other option of ONNX Runtime, for example <c>options => options.AppendExecutionProvider_CUDA()</c>.</summary>
    public Action<SessionOptions>? Configure { get; init; }
}
