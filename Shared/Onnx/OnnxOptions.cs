using Microsoft.ML.OnnxRuntime;

namespace MlNetEmotion.Onnx;

/// <summary>How ONNX Runtime computes. The defaults suit a program that shares the processor with other work.</summary>
public sealed record OnnxOptions
{
    /// <summary>Threads that share one node's work; 0 for one a processor that this process may use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>
    /// Whether idle threads spin for a while instead of sleeping: answers come a little sooner, at the price of processor time that
    /// the rest of the program (a camera's decoder, a face detector) then lacks.
    /// </summary>
    public bool Spinning { get; init; }

    /// <summary>Sets whatever else ONNX Runtime offers, for example <c>options => options.AppendExecutionProvider_CUDA()</c>.</summary>
    public Action<SessionOptions>? Configure { get; init; }
}
