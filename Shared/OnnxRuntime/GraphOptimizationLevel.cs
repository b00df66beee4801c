namespace MlNetEmotion.OnnxRuntime;

/// <summary>How far ONNX Runtime may rewrite a graph before it runs it.</summary>
public enum GraphOptimizationLevel
{
    /// <summary>Every node runs as the file has it.</summary>
    None = 0,

    /// <summary>Constants folded, redundant nodes removed.</summary>
    Basic = 1,

    /// <summary>Nodes fused as well.</summary>
    Extended = 2,

    /// <summary>Everything, memory layout included.</summary>
    All = 99,
}
