namespace MlNetEmotion.Programs;

/// <summary>The user asked for something that cannot be done as asked. The message is one line that says what to do.</summary>
public sealed class UsageException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    /// <param name="message">One line for the user.</param>
    public UsageException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong and what to do, and keeps the cause for <c>--verbose</c>.</summary>
    /// <param name="message">One line for the user.</param>
    /// <param name="innerException">The failure underneath.</param>
    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
