using System.Collections.Concurrent;

namespace MlNetEmotion.Programs;

/// <summary>A set of paths, compared by the file that they refer to: symbolic links are resolved, and case is ignored if the file system ignores it. On
/// Linux, existing files are compared by device and inode, so hard links are recognized too. Not thread-safe.</summary>
/// <param name="ignoresCase">Whether a folder ignores case; null to probe its file system.</param>
internal sealed class PathSet(Func<string, bool>? ignoresCase = null)
{
    private readonly HashSet<string> exact = [];

    // The keys with case folded. An existing file's key has no name, so its case does not matter.
    private readonly HashSet<string> folded = [];

    // Whether a folder ignores case.
    private readonly ConcurrentDictionary<string, bool> foldedBy = new();

    /// <summary>Adds a path; false if the set contains the same file.</summary>
    public bool Add(string path)
    {
        Keys keys = KeysOf(path);
        if (Contains(keys))
        {
            return false;
        }

        exact.Add(keys.Exact);
        folded.Add(keys.Folded);
        return true;
    }

    /// <summary>Whether the set contains the same file.</summary>
    public bool Contains(string path) => Contains(KeysOf(path));

    /// <summary>Whether the set contains one of a path's parent folders, or the path itself.</summary>
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

    // One walk to the nearest path that exists, the file itself or a parent folder: on a network drive each step takes long.
    private static Keys KeysOf(string path)
    {
        string nearest = Resolve(path);
        string below = "";
        for (string? at = nearest; at is not null; at = Path.GetDirectoryName(at))
        {
            nearest = at;
            if (Identity(at) is { } identity)
            {
                return new Keys(identity + below, identity + below.ToUpperInvariant(), nearest);
            }

            below = $"/{Path.GetFileName(at)}{below}";
        }

        return new Keys(below, below.ToUpperInvariant(), nearest);
    }

    private static string Resolve(string path) => AtomicFile.TargetOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    private bool Contains(Keys keys) => exact.Contains(keys.Exact) || (folded.Contains(keys.Folded) && IgnoresCase(keys.Nearest));

    private bool IgnoresCase(string folder) => foldedBy.GetOrAdd(folder, ignoresCase ?? ProbeCase);

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
            return false;    // the results cannot be written there either
        }
    }

    // Device and inode; null if the file does not exist or the system has no statx.
    private static string? Identity(string path)
    {
        const int InodeAt = 32;    // in Linux' struct statx
        const int DeviceAt = 136;
        Span<byte> status = stackalloc byte[SpecialFile.StatusBytes];
        return SpecialFile.TryRead(path, status) ? $"{BitConverter.ToUInt64(status[DeviceAt..]):x}:{BitConverter.ToUInt64(status[InodeAt..]):x}" : null;
    }

    /// <summary>A path's keys.</summary>
    /// <param name="Exact">The nearest existing path's identity, and the names below it.</param>
    /// <param name="Folded">The same with the names' case folded.</param>
    /// <param name="Nearest">The nearest existing path, or the root.</param>
    private readonly record struct Keys(string Exact, string Folded, string Nearest);
}
