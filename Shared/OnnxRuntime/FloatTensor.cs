namespace MlNetEmotion.OnnxRuntime;

/// <summary>A named tensor of float32, row-major.</summary>
/// <param name="Name">The name of the model's input or output.</param>
/// <param name="Values">The elements; as many as the shape's sizes multiplied.</param>
/// <param name="Shape">The sizes, outermost first.</param>
public sealed record FloatTensor(string Name, ReadOnlyMemory<float> Values, long[] Shape);
