namespace MlNetEmotion.Onnx;

/// <summary>A model file does not fit: not ONNX, other shapes, other labels. The message says what was expected and found.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Says what does not fit.</summary>
    /// <param name="message">What was expected, what was found, and what to do.</param>
    public ModelException(string message)
        : base(message)
    {
    }

    /// <summary>Says what does not fit, and what caused it.</summary>
    /// <param name="message">What was expected, what was found, and what to do.</param>
    /// <param name="innerException">The failure underneath.</param>
    public ModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
