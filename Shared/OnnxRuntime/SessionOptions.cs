namespace MlNetEmotion.OnnxRuntime;

/// <summary>How a session computes. The defaults suit a program that shares the processor with other work.</summary>
public sealed record SessionOptions
{
    /// <summary>Threads that share one node's work; 0 for one a processor that this process may use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int IntraOpThreads
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

    /// <summary>How far the graph may be rewritten to run faster.</summary>
    public GraphOptimizationLevel GraphOptimization { get; init; } = GraphOptimizationLevel.All;

    /// <summary>Makes the native <c>OrtSessionOptions</c>.</summary>
    internal unsafe OrtHandle ToNative()
    {
        nint pointer;
        Ort.Check(Ort.Api->CreateSessionOptions(&pointer), nameof(OrtApi.CreateSessionOptions));
        var handle = new OrtHandle(pointer, Ort.Api->ReleaseSessionOptions);
        try
        {
            // ONNX Runtime's own default counts the machine's cores, not those that this process may use.
            int threads = IntraOpThreads == 0 ? Environment.ProcessorCount : IntraOpThreads;
            Ort.Check(Ort.Api->SetIntraOpNumThreads(pointer, threads), nameof(OrtApi.SetIntraOpNumThreads));
            Ort.Check(
                Ort.Api->SetSessionGraphOptimizationLevel(pointer, (int)GraphOptimization),
                nameof(OrtApi.SetSessionGraphOptimizationLevel));
            fixed (byte* key = "session.intra_op.allow_spinning"u8, value = Spinning ? "1"u8 : "0"u8)
            {
                Ort.Check(Ort.Api->AddSessionConfigEntry(pointer, key, value), nameof(OrtApi.AddSessionConfigEntry));
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
