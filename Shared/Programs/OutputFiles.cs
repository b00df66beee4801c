namespace MlNetEmotion.Programs;

/// <summary>Checks of the result files that a user names, done by both programs before they start working.</summary>
internal static class OutputFiles
{
    /// <summary>The name that means standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The help of the option <c>--force</c>.</summary>
    public const string ForceHelp = "Overwrite result files that exist";

    /// <summary>Does all checks except that of extensions, for results whose folders are created.</summary>
    public static void Check(bool force, IEnumerable<string?> inputs, params IReadOnlyList<string?> outputs)
    {
        CheckDistinct(inputs, outputs);
        CheckFree(force, outputs);
        CheckWritable(makesFolders: true, outputs);
    }

    /// <summary>Checks that a path has an extension of its format.</summary>
    public static void CheckEnding(string? path, params string[] endings)
    {
        if (path is not (null or StandardOutput) && !IsDevice(path) && !endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            throw new UsageException($"{path}: this result is written as {string.Join(" or ", endings)}: use that extension.");
        }
    }

    /// <summary>Checks that no result overwrites an input or another result.</summary>
    public static void CheckDistinct(IEnumerable<string?> inputs, params IEnumerable<string?> outputs)
    {
        var taken = new PathSet();
        foreach (string input in Files(inputs))
        {
            taken.Add(input);
        }

        if (Files(outputs).FirstOrDefault(path => !IsDevice(path) && !taken.Add(path)) is { } twice)
        {
            throw new UsageException($"{twice}: named twice. Give each result its own file, different from every input.");
        }
    }

    /// <summary>Checks that no existing file is overwritten without <c>--force</c>. Empty files and devices have no content to lose.</summary>
    public static void CheckFree(bool force, params IEnumerable<string?> outputs)
    {
        if (!force && Files(outputs).FirstOrDefault(path => new FileInfo(AtomicFile.TargetOf(path)) is { Exists: true, LinkTarget: null, Length: > 0 }) is { } taken)
        {
            throw new UsageException($"{taken}: exists already. Add '--force' to overwrite it, or name another file.");
        }
    }

    /// <summary>Checks that files can be written; leaves nothing behind.</summary>
    /// <param name="makesFolders">Whether missing folders will be created.</param>
    public static void CheckWritable(bool makesFolders, params IEnumerable<string?> outputs)
    {
        foreach (string path in Files(outputs))
        {
            if (Directory.Exists(path))
            {
                throw new UsageException($"{path}: is a folder. Name a file in it.");
            }

            // File.Exists is true for a link whose target does not exist yet.
            bool isThere = AtomicFile.IsWindowsDevice(Path.GetFullPath(path))
                || (File.Exists(path) && (IsDevice(path) || new FileInfo(AtomicFile.TargetOf(path)).LinkTarget is null));
            Open(path, () => isThere ? new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite) : Probe(path, makesFolders)).Dispose();
        }
    }

    /// <summary>Creates a file, or truncates an existing one. Not buffered, so that each event's line is in the file once it was written.</summary>
    public static FileStream Create(string path) => Open(path, () => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));

    public static void CreateFolderOf(string path)
    {
        if (!IsDevice(path))
        {
            Try(path, "its folder cannot be made", "Name one that you may write to.", () => Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!));
        }
    }

    /// <summary>Does something with a path that a user named, so that an error of the file system is one of usage.</summary>
    /// <exception cref="UsageException">It failed; the message has the path, the failure, the system's reason and the remedy.</exception>
    public static T Try<T>(string path, string failure, string remedy, Func<T> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path}: {failure} ({e.Message.TrimEnd('.')}). {remedy}", e);
        }
    }

    /// <summary>Whether a path is a device, which can be written repeatedly and under several names.</summary>
    public static bool IsDevice(string path) =>
        Path.GetFullPath(path) is var full && (full.StartsWith("/dev/", StringComparison.Ordinal) || AtomicFile.IsWindowsDevice(full));

    /// <summary>Whether a result is the folder itself or within it, at any depth.</summary>
    public static bool IsWithin(string folder, string path)
    {
        var folders = new PathSet();
        folders.Add(folder);
        return folders.ContainsAncestorOf(path, orItself: true);
    }

    // Creates a temporary file beside the result, or in its nearest existing parent folder.
    private static FileStream Probe(string path, bool makesFolders)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        while (makesFolders && !Path.Exists(folder) && Path.GetDirectoryName(folder) is { } above)    // a missing drive has no parent
        {
            folder = above;
        }

        string probe = Path.Combine(folder, Path.GetFileName(path) + ".probe");
        return new FileStream(probe, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0, FileOptions.DeleteOnClose);
    }

    private static FileStream Open(string path, Func<FileStream> open) =>
        Try(path, "cannot be written", "Name a file in a folder that exists and that you may write to.", open);

    private static IEnumerable<string> Files(IEnumerable<string?> paths) => paths.OfType<string>().Where(path => path != StandardOutput);
}

/// <summary>Keeps other processes from writing the same files or folders, by a lock file beside each. The system releases the locks of a process that ends
/// in any way.</summary>
internal sealed class OutputLocks : IDisposable
{
    private readonly Stack<FileStream> held = [];

    /// <exception cref="UsageException">Another process is writing one of the outputs.</exception>
    public OutputLocks(params IEnumerable<string?> outputs)
    {
        foreach (string output in outputs.OfType<string>().Where(path => path != OutputFiles.StandardOutput && !OutputFiles.IsDevice(path)))
        {
            try
            {
                held.Push(new FileStream(PathOf(output), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose));
            }
            catch (IOException e) when (File.Exists(PathOf(output)))
            {
                Dispose();
                throw new UsageException($"{output}: another run is writing it. Wait until it ends, or name another output.", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // If no lock file can be created, writing the output will report why.
            }
        }
    }

    /// <summary>The path of an output's lock file.</summary>
    public static string PathOf(string output) => AtomicFile.TargetOf(Path.TrimEndingDirectorySeparator(output)) + ".lock";

    public void Dispose()
    {
        while (held.TryPop(out FileStream? file))
        {
            file.Dispose();
        }
    }
}
