using System.Collections.Concurrent;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Deletes the files of uploads and never throws. A file that cannot be deleted is reported once and retried later; at the end the whole folder is
/// removed. Thread-safe.</summary>
internal sealed class UploadFiles(Action<string> report)
{
    private readonly ConcurrentDictionary<string, Exception> left = new(StringComparer.Ordinal);

    /// <summary>Retries the files that could not be deleted before.</summary>
    public void Retry() => Delete([.. left.Keys]);

    public void Delete(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            try
            {
                File.Delete(path);
                left.TryRemove(path, out _);
            }
            catch (DirectoryNotFoundException)
            {
                left.TryRemove(path, out _);    // gone with its folder
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (left.TryAdd(path, e))
                {
                    report($"{path}: cannot be deleted ({e.Message.TrimEnd('.')}); it is retried with the next video, and when the server ends.");
                }
            }
        }
    }
}
