using System.Text;

namespace MlNetEmotion;

/// <summary>Writes files so that their names always hold a whole one, whenever the process dies or the disk fills.</summary>
internal static class AtomicFile
{
    private const int MaxAttempts = 31;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes beside the file, whose folder is made, flushes to the disk, then renames over an old one. What has nothing to lose,
    /// a device, a pipe or an empty file, is written to as it is; a symbolic link stays one.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string target = TargetOf(path);
        if (IsWindowsDevice(target) || new FileInfo(target) is { LinkTarget: not null } or { Exists: true, Length: 0 })
        {
            using var direct = new FileStream(target, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            write(direct);
            direct.Flush();
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string temporary = target + ".tmp";
        try
        {
            using var file = new FileStream(temporary, FileMode.Create);
            write(file);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Replace(temporary, target);
    }

    /// <summary>Renames a finished file over an old one. Windows refuses that while another program has the old one open, if only a virus scanner
    /// for a moment: it is tried again for three seconds.</summary>
    /// <param name="move">The way to rename; null for that of files.</param>
    /// <exception cref="IOException">The old one cannot be replaced. The finished file stays where it is; the message names it.</exception>
    public static void Replace(string finished, string target, Action<string, string>? move = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                (move ?? MoveFile)(finished, target);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (attempt == MaxAttempts || !IsInUse(e))
                {
                    throw new IOException($"{target}: cannot be replaced ({e.Message.TrimEnd('.')}). Close it where it is open; the finished file is {finished}", e);
                }
            }

            Thread.Sleep(BetweenAttempts);
        }
    }

    private static void MoveFile(string finished, string target) => File.Move(finished, target, overwrite: true);

    // Windows' ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; elsewhere a file that is open can be replaced.
    private static bool IsInUse(Exception e) => OperatingSystem.IsWindows() && (uint)e.HResult is 0x80070005 or 0x80070020 or 0x80070021;

    /// <summary>Writes text as UTF-8.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a full path is a device of Windows: <c>NUL</c> is <c>\\.\NUL</c>.</summary>
    public static bool IsWindowsDevice(string fullPath) => fullPath.StartsWith(@"\\.\", StringComparison.Ordinal);

    /// <summary>The full path of what a name stands for: a symbolic link's end, where that is a file.</summary>
    public static string TargetOf(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : file.FullName;
    }
}
