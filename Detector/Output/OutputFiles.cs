namespace MlNetEmotion.Detector.Output;

/// <summary>Creates the files that a user named for results.</summary>
internal static class OutputFiles
{
    /// <summary>Creates a file, or empties the one that is there.</summary>
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

    /// <summary>Makes sure that no file is overwritten unasked. An empty file, or a device, has nothing to
    /// lose.</summary>
    public static void CheckFree(bool force, params IEnumerable<string?> outputs)
    {
        if (!force && Files(outputs).FirstOrDefault(path => new FileInfo(path) is { Exists: true, Length: > 0 }) is { } taken)
        {
            throw new UsageException($"{taken}: exists already. Add '--force' to overwrite it, or name another file.");
        }
    }

    /// <summary>Makes sure that no result overwrites the input or another result.</summary>
    public static void CheckDistinct(string? input, params IEnumerable<string?> outputs)
    {
        var taken = new HashSet<string>();
        if (Files(outputs.Prepend(input)).FirstOrDefault(path => !taken.Add(Path.GetFullPath(path))) is { } twice)
        {
            throw new UsageException($"{twice}: named twice. Give each result a file of its own, and never the input's.");
        }
    }

    private static IEnumerable<string> Files(IEnumerable<string?> paths) => paths.OfType<string>().Where(path => path != EventLog.StandardOutput);
}
