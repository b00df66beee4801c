using System.CommandLine;

namespace MlNetEmotion.Programs;

/// <summary>The files that a user names for results: what both programs make sure of before they begin to work.</summary>
internal static class OutputFiles
{
    /// <summary>The name that means standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>The option that lets results replace files.</summary>
    public static Option<bool> ForceOption() => new("--force") { Description = "Overwrite result files that exist" };

    /// <summary>Makes all of this class sure, but for endings: for results whose folders are made.</summary>
    public static void Check(bool force, IEnumerable<string?> inputs, params IReadOnlyList<string?> outputs)
    {
        CheckDistinct(inputs, outputs);
        CheckFree(force, outputs);
        CheckWritable(makesFolders: true, outputs);
    }

    /// <summary>Makes sure that a file is called what it will be.</summary>
    public static void CheckEnding(string? path, params string[] endings)
    {
        if (path is not (null or StandardOutput) && !IsDevice(path) && !endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            throw new UsageException($"{path}: this result is written as {string.Join(" or ", endings)}: name a file that ends so.");
        }
    }

    /// <summary>Makes sure that no result overwrites an input or another result.</summary>
    public static void CheckDistinct(IEnumerable<string?> inputs, params IEnumerable<string?> outputs)
    {
        var taken = new PathSet();
        foreach (string input in Files(inputs))
        {
            taken.Add(input);
        }

        if (Files(outputs).FirstOrDefault(path => !IsDevice(path) && !taken.Add(path)) is { } twice)
        {
            throw new UsageException($"{twice}: named twice. Give each result a file of its own, and never the input's.");
        }
    }

    /// <summary>Makes sure that no file is overwritten unasked. An empty file, or a device, has nothing to lose.</summary>
    public static void CheckFree(bool force, params IEnumerable<string?> outputs)
    {
        if (!force && Files(outputs).FirstOrDefault(path => new FileInfo(AtomicFile.TargetOf(path)) is { Exists: true, LinkTarget: null, Length: > 0 }) is { } taken)
        {
            throw new UsageException($"{taken}: exists already. Add '--force' to overwrite it, or name another file.");
        }
    }

    /// <summary>Makes sure that files can be written, and leaves nothing behind.</summary>
    /// <param name="makesFolders">Whether missing folders will be made.</param>
    public static void CheckWritable(bool makesFolders, params IEnumerable<string?> outputs)
    {
        foreach (string path in Files(outputs))
        {
            if (Directory.Exists(path))
            {
                throw new UsageException($"{path}: is a folder. Name a file in it.");
            }

            // File.Exists says yes to a link whose file is not there yet.
            bool isThere = AtomicFile.IsWindowsDevice(Path.GetFullPath(path))
                || (File.Exists(path) && (IsDevice(path) || new FileInfo(AtomicFile.TargetOf(path)).LinkTarget is null));
            Open(path, () => isThere ? new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite) : Probe(path, makesFolders)).Dispose();
        }
    }

    /// <summary>Creates a file, or empties the one that is there.</summary>
    /// <remarks>Without a buffer: events must be in the file when their line is done.</remarks>
    public static FileStream Create(string path) => Open(path, () => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));

    public static void CreateFolderOf(string path)
    {
        if (IsDevice(path))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: its folder cannot be made ({e.Message.TrimEnd('.')}). Name one that you may write to.", e);
        }
    }

    /// <summary>Whether it is a file of the system's devices: those may be written over and over, under any name.</summary>
    public static bool IsDevice(string path) =>
        Path.GetFullPath(path) is var full && (full.StartsWith("/dev/", StringComparison.Ordinal) || AtomicFile.IsWindowsDevice(full));

    /// <summary>Whether a result would lie in a folder, at any depth, or be the folder itself.</summary>
    public static bool IsWithin(string folder, string path)
    {
        var folders = new PathSet();
        folders.Add(folder);
        return folders.ContainsAncestorOf(path, orItself: true);
    }

    // A file beside it that goes at once, or in the next folder above that is there.
    private static FileStream Probe(string path, bool makesFolders)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        while (makesFolders && !Path.Exists(folder) && Path.GetDirectoryName(folder) is { } above)    // a drive that is not there has none above
        {
            folder = above;
        }

        string probe = Path.Combine(folder, Path.GetFileName(path) + ".probe");
        return new FileStream(probe, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0, FileOptions.DeleteOnClose);
    }

    private static FileStream Open(string path, Func<FileStream> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Name a file in a folder that exists and that you may write to.", e);
        }
    }

    private static IEnumerable<string> Files(IEnumerable<string?> paths) => paths.OfType<string>().Where(path => path != StandardOutput);
}

/// <summary>Keeps other processes from writing the same files or folders, by a file beside each that is there meanwhile. However a process
/// ends, its locks do.</summary>
internal sealed class OutputLocks : IDisposable
{
    private readonly Stack<FileStream> held = [];

    /// <exception cref="UsageException">Another process writes one of them.</exception>
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
                throw new UsageException($"{output}: another run is writing it. Wait for its end, or name another one.", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Where no file can be made, writing will say why; a lock is no reason to refuse.
            }
        }
    }

    /// <summary>The lock's own file.</summary>
    public static string PathOf(string output) => AtomicFile.TargetOf(Path.TrimEndingDirectorySeparator(output)) + ".lock";

    public void Dispose()
    {
        while (held.TryPop(out FileStream? file))
        {
            file.Dispose();
        }
    }
}
