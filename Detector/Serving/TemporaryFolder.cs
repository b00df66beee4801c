namespace MlNetEmotion.Detector.Serving;

/// <summary>A folder for uploads that nobody else can read. Emptied and removed when disposed of; what a server that was killed left is removed
/// when the next one starts.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "mlnetemotion-serve-";
    private const string LockFile = "lock";

    private readonly FileStream hold;

    public TemporaryFolder()
    {
        foreach (string left in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            RemoveAbandoned(left);
        }

        Path = Directory.CreateTempSubdirectory(Prefix).FullName;
        hold = new FileStream(System.IO.Path.Combine(Path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        hold.Dispose();
        RemoveAbandoned(Path);    // on Windows a file may still be open, in a scanner or an ffmpeg that ends: the next server removes it
    }

    // A server that lives holds its lock.
    private static void RemoveAbandoned(string folder)
    {
        try
        {
            new FileStream(System.IO.Path.Combine(folder, LockFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lives, or is another user's.
        }
    }
}
