using MlNetEmotion.Programs;

namespace MlNetEmotion.Detector.Output;

/// <summary>Creates the files that a user named for results.</summary>
internal static class OutputFiles
{
    /// <summary>Creates a file, or empties the one that is there.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static FileStream Create(string path)
    {
        try
        {
            // Without a buffer: events must be in the file when their line is done.
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Name a file in a folder that exists and that you may write to.", e);
        }
    }

    /// <summary>Makes the folder that a file shall lie in.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    public static void CreateFolderOf(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: its folder cannot be made ({e.Message.TrimEnd('.')}). Name one that you may write to.", e);
        }
    }

    /// <summary>Makes sure that no file is overwritten unasked. An empty file, or a device, has nothing to lose.</summary>
    /// <exception cref="UsageException">One is there already.</exception>
    public static void CheckFree(bool force, params IEnumerable<string?> outputs)
    {
        foreach (string path in outputs.OfType<string>())
        {
            if (!force && path != EventLog.StandardOutput && new FileInfo(path) is { Exists: true, Length: > 0 })
            {
                throw new UsageException($"{path}: exists already. Add '--force' to overwrite it, or name another file.");
            }
        }
    }

    /// <summary>Makes sure that no result overwrites the input or another result.</summary>
    /// <exception cref="UsageException">Two are the same file.</exception>
    public static void CheckDistinct(string? input, params IEnumerable<string?> outputs)
    {
        var taken = new HashSet<string>();
        foreach (string path in outputs.Prepend(input).OfType<string>())
        {
            if (path != EventLog.StandardOutput && !taken.Add(Path.GetFullPath(path)))
            {
                throw new UsageException($"{path}: named twice. Give each result a file of its own, and never the input's.");
            }
        }
    }
}
