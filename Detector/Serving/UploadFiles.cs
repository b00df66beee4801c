namespace MlNetEmotion.Detector.Serving;

/// <summary>Deletes the files of uploads and never throws. A file that cannot be deleted is reported once and retried later; at the end the whole folder is
/// removed. Thread-safe.</summary>
internal sealed class UploadFiles(Action<string> report)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> left = new(StringComparer.Ordinal);

    public void Delete(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            TryDelete(path);
        }
    }

    /// <summary>Retries the files that could not be deleted before.</summary>
    public void Retry()
    {
        string[] again;
        lock (gate)
        {
            again = [.. left];
        }

        Array.ForEach(again, TryDelete);
    }

    private void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            Forget(path);
        }
        catch (DirectoryNotFoundException)
        {
            Forget(path);    // gone with its folder
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bool isNew;
            lock (gate)
            {
                isNew = left.Add(path);
            }

            if (isNew)
            {
                report($"{path}: cannot be deleted ({e.Message.TrimEnd('.')}); it is retried with the next video, and when the server ends.");
            }
        }
    }

    private void Forget(string path)
    {
        lock (gate)
        {
            left.Remove(path);
        }
    }
}
