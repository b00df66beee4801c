namespace MlNetEmotion.Detector.Output;

/// <summary>
/// Watches the disk that a video grows on. OpenCV's writer says nothing when a write fails, and most formats are unreadable
/// without the part that is written last; so a run must stop while there is still room for that.
/// </summary>
/// <param name="path">The growing file.</param>
internal sealed class DiskSpace(string path)
{
    /// <summary>What the encoder still holds back when a run stops, and the file's index.</summary>
    internal const long ReserveBytes = 16 * 1024 * 1024;

    private readonly DriveInfo drive = new(Path.GetFullPath(path));

    /// <summary>Makes sure that there is room to finish the file.</summary>
    /// <exception cref="IOException">There is hardly any.</exception>
    public void Check()
    {
        if (FreeBytes() < ReserveBytes)
        {
            throw new IOException($"{path}: the disk is full; the video was finished and ends here. Free some space, or write to another disk.");
        }
    }

    // Where the system can't tell, a device or a strange file system, nothing is watched.
    private long FreeBytes()
    {
        try
        {
            return drive.AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
