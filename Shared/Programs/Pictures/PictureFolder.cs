namespace MlNetEmotion.Programs.Pictures;

/// <summary>What lies in a folder of pictures or videos.</summary>
internal static class PictureFolder
{
    // Whoever tries to read one says what it is, which is better than to leave it out without a word.
    private static readonly string[] OtherEndings = [".avif", ".heic", ".heif", ".j2k", ".jp2", ".jxl"];

    /// <summary>Endings of pictures' names that are read.</summary>
    public static IReadOnlyList<string> Endings { get; } =
        [".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"];

    /// <summary>Whether a file's name ends as pictures' names do, read or not. Names that start with a dot are other programs' notes.</summary>
    public static bool IsPicture(string path) =>
        Endings.Concat(OtherEndings).Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>
    /// All files in a folder and the folders in it, in no order. Links are followed, but none into a folder that is looked into anyway, or that the
    /// folder lies in. Folders that begin with a dot are left out.
    /// </summary>
    /// <param name="report">Receives each folder that cannot be read and each pipe or device, which are left out, and the reason.</param>
    public static IReadOnlyList<string> Files(string root, Action<string, string> report)
    {
        var files = new List<string>();
        var folders = new Stack<string>([root]);
        var links = new Queue<string>();
        var seen = new HashSet<string>(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        for (string? above = RealPath(root); (above = Path.GetDirectoryName(above)) is not null;)
        {
            seen.Add(above);
        }

        // Links come last: what can be reached without one is called so.
        while (folders.TryPop(out string? folder) || links.TryDequeue(out folder))
        {
            try
            {
                FileSystemInfo[] entries = seen.Add(RealPath(folder)) ? new DirectoryInfo(folder).GetFileSystemInfos() : [];
                foreach (string file in entries.OfType<FileInfo>().Select(file => Path.Combine(folder, file.Name)))
                {
                    if (SpecialFile.IsPipe(file))
                    {
                        report(file, "a pipe or device, not a file; name it by itself to read it");
                    }
                    else
                    {
                        files.Add(file);
                    }
                }

                foreach (DirectoryInfo inner in entries.OfType<DirectoryInfo>().Where(inner => inner.Name[0] != '.'))
                {
                    Action<string> later = inner.LinkTarget is null ? folders.Push : links.Enqueue;
                    later(Path.Combine(folder, inner.Name));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                report(folder, e.Message);
            }
        }

        return files;
    }

    // A path without links.
    private static string RealPath(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
        {
            return full;
        }

        string here = Path.Combine(RealPath(parent), Path.GetFileName(full));
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }
}
