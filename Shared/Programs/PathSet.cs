using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Paths, compared by the file that they name rather than by their letters: the same file under another name is a symbolic or hard link, a name in
/// other case where the file system ignores that. Files that exist are distinguished by device and inode on Linux, so hard links are recognized there. Not thread-safe.</summary>
/// <param name="ignoresCase">Whether names that differ in case alone are one in a folder; null to ask its file system.</param>
internal sealed partial class PathSet(Func<string, bool>? ignoresCase = null)
{
    private readonly HashSet<string> exact = [];

    // By names without case: in which folder that is there already, if in any.
    private readonly HashSet<string> folded = [];
    private readonly Dictionary<string, bool> foldedBy = [];

    /// <summary>Adds a path; false where one that names the same file is there.</summary>
    public bool Add(string path)
    {
        if (Contains(path))
        {
            return false;
        }

        string full = Resolve(path);
        exact.Add(Key(full, out string? folder, name => name));
        if (folder is not null)
        {
            folded.Add(Key(full, out _, Fold));
        }

        return true;
    }

    /// <summary>Whether a path is there that names the same file.</summary>
    public bool Contains(string path)
    {
        string full = Resolve(path);

        // What exists has its identity, which nothing that does not exist shares.
        return exact.Contains(Key(full, out string? folder, name => name))
            || (folder is not null && folded.Contains(Key(full, out _, Fold)) && IgnoresCase(folder));
    }

    /// <summary>Whether a path, or a folder that it lies in, is there.</summary>
    public bool ContainsAncestorOf(string path, bool orItself)
    {
        string full = Resolve(path);
        for (string? at = orItself ? full : Path.GetDirectoryName(full); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Contains(at))
            {
                return true;
            }
        }

        return false;
    }

    // The identity of what exists; of anything else, that of the nearest folder above, and the names below it.
    private static string Key(string full, out string? folder, Func<string, string> name)
    {
        folder = null;
        string below = "";
        for (string? at = full; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Identity(at) is { } identity)
            {
                folder = below.Length > 0 ? at : null;
                return identity + below;
            }

            folder = at;
            below = $"/{name(Path.GetFileName(at))}{below}";
        }

        return below;
    }

    private static string Resolve(string path) => AtomicFile.TargetOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    private static string Fold(string name) => name.ToUpperInvariant();

    private bool IgnoresCase(string folder)
    {
        if (!foldedBy.TryGetValue(folder, out bool ignores))
        {
            foldedBy[folder] = ignores = ignoresCase?.Invoke(folder) ?? ProbeCase(folder);
        }

        return ignores;
    }

    private static bool ProbeCase(string folder)
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            return true;
        }

        try
        {
            string probe = $".{Guid.NewGuid():N}.case";
            using var file = new FileStream(Path.Combine(folder, probe), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return File.Exists(Path.Combine(folder, probe.ToUpperInvariant()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;    // nothing will be written there either
        }
    }

    // Device and inode; null where there is no file, or no such call.
    private static unsafe string? Identity(string path)
    {
        const int WorkingFolder = -100;    // AT_FDCWD
        const uint Inode = 0x100;    // STATX_INO
        const int InodeAt = 32;    // in Linux' struct statx, the same on all processors
        const int DeviceAt = 136;
        byte* found = stackalloc byte[256];
        try
        {
            return !OperatingSystem.IsLinux() || Statx(WorkingFolder, path, 0, Inode, found) != 0 ? null
                : $"{*(ulong*)(found + DeviceAt):x}:{*(ulong*)(found + InodeAt):x}";
        }
        catch (EntryPointNotFoundException)
        {
            return null;    // a C library older than Linux 4.11
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* found);
}
