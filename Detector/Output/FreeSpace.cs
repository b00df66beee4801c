using System.Runtime.InteropServices;

namespace MlNetEmotion.Detector.Output;

/// <summary>The space that is left for a file.</summary>
internal static partial class FreeSpace
{
    /// <summary>Gets the bytes that this user may still write where a file lies; the greatest number where the system does not know, as for a device.</summary>
    public static long Of(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            // DriveInfo takes no share of Windows, such as \\server\videos.
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
