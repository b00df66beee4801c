using System.Runtime.InteropServices;

namespace MlNetEmotion.Detector.Output;

/// <summary>The free space of a file's disk.</summary>
internal static partial class FreeSpace
{
    /// <summary>Returns the bytes that this user may still write to a path's disk; <see cref="long.MaxValue"/> if unknown, as for a device.</summary>
    public static long Of(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            // DriveInfo does not accept Windows shares such as \\server\videos.
            return !OperatingSystem.IsWindows() ? new DriveInfo(full).AvailableFreeSpace
                : GetDiskFreeSpace(Path.GetDirectoryName(full)!, out ulong available, 0, 0) ? (long)Math.Min(available, long.MaxValue)
                : long.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }

    [LibraryImport("kernel32", EntryPoint = "GetDiskFreeSpaceExW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetDiskFreeSpace(string folder, out ulong available, nint total, nint free);
}
