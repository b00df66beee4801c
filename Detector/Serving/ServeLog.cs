using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Log messages for internal errors, written to standard error.</summary>
internal static partial class ServeLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "/api/stream: an image could not be answered")]
    public static partial void StreamFailed(this ILogger logger, Exception cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "/readyz: a generated face cannot be scored")]
    public static partial void NotReady(this ILogger logger, Exception cause);
}
