using System.Text;

namespace MlNetEmotion;

/// <summary>Writes files atomically: a path never refers to a partial file, even if the process dies or the disk fills up.</summary>
internal static class AtomicFile
{
    private const int MaxAttempts = 31;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a temporary file beside the target, flushes it to the disk and renames it over the target; creates the folder. Devices, pipes and
    /// empty files have no content to lose and are written directly. A symbolic link stays one.</summary>
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

    /// <summary>Renames a finished file over the target. Windows refuses while another program, such as a virus scanner, has the target open, so the
    /// rename is retried for three seconds.</summary>
    /// <param name="move">The rename operation, from and to; null for <see cref="File.Move(string, string, bool)"/>.</param>
    /// <exception cref="IOException">The target cannot be replaced. The finished file stays in its place; the message names it.</exception>
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

    // Windows' ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; other systems can replace an open file.
    private static bool IsInUse(Exception e) => OperatingSystem.IsWindows() && (uint)e.HResult is 0x80070005 or 0x80070020 or 0x80070021;

    /// <summary>Writes text as UTF-8, atomically.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a full path is a Windows device, such as <c>\\.\NUL</c>.</summary>
    public static bool IsWindowsDevice(string fullPath) => fullPath.StartsWith(@"\\.\", StringComparison.Ordinal);

    /// <summary>The full path of a file, with a symbolic link resolved to its final target if that exists.</summary>
    public static string TargetOf(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : file.FullName;
    }
}
