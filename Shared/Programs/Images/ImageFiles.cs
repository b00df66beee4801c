namespace MlNetEmotion.Programs.Images;

/// <summary>Lists files of folders and recognizes images by their extension.</summary>
internal static class ImageFiles
{
    // Not supported, but listed, so that the decoder reports them instead of their being skipped silently.
    private static readonly string[] OtherEndings = [".avif", ".heic", ".heif", ".j2k", ".jp2", ".jxl"];

    /// <summary>The extensions of supported formats.</summary>
    public static IReadOnlyList<string> Endings { get; } =
        [".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"];

    /// <summary>Whether a file has an image's extension, supported or not. Names that begin with a dot are other programs' metadata.</summary>
    public static bool IsImage(string path) =>
        Endings.Concat(OtherEndings).Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(path)[0] != '.';

    /// <summary>
    /// Returns all files in a folder and its subfolders, in no order. Symbolic links are followed, except into folders that are listed anyway or that contain
    /// the folder. Folders that begin with a dot are skipped.
    /// </summary>
    /// <param name="report">Receives each unreadable folder, and each pipe or device, which are skipped, with the reason.</param>
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

        // Links are followed last, so that files reachable without a link keep their direct path.
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

    // Resolves all symbolic links in a path.
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
