namespace MlNetEmotion.Detector.Serving;

/// <summary>A folder for uploads that only this user can read. Disposing removes it with its contents; the folder of a server that was killed is removed when
/// the next server starts.</summary>
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
        RemoveAbandoned(Path);    // on Windows a virus scanner or an exiting ffmpeg may hold a file open: then the next server removes the folder
    }

    // A running server holds its lock, so that opening it fails.
    private static void RemoveAbandoned(string folder)
    {
        try
        {
            new FileStream(System.IO.Path.Combine(folder, LockFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its server is running, or it belongs to another user.
        }
    }
}
