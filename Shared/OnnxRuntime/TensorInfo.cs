namespace MlNetEmotion.OnnxRuntime;

/// <summary>What a model declares of an input or output.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">What its elements are.</param>
/// <param name="Shape">Its sizes, outermost first; -1 where the size is only known when it runs.</param>
public sealed record TensorInfo(string Name, TensorElementType ElementType, long[] Shape)
{
    /// <summary>The shape for people: <c>[N, 1, 48, 48]</c>, a question mark for any other size that is not fixed.</summary>
    public string ShapeText =>
        $"[{string.Join(", ", Shape.Select((size, axis) => size >= 0 ? $"{size}" : axis == 0 ? "N" : "?"))}]";
}
