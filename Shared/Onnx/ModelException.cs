namespace MlNetEmotion;

/// <summary>Thrown for an unsuitable model file: not ONNX, or with other shapes or labels than expected. The message names what was expected, what was
/// found, and what to do.</summary>
public sealed class ModelException : Exception
{
    /// <inheritdoc cref="Exception()"/>
    public ModelException()
    {
    }

    /// <inheritdoc cref="Exception(string)"/>
    public ModelException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="Exception(string, Exception)"/>
    public ModelException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
