using System.Text;

namespace MlNetEmotion;

/// <summary>Writes files so that their names always hold a whole one, whenever the process dies or the disk fills.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the file, whose folder is made, flushes to the disk, then renames over an old one. What has nothing to lose,
    /// a device, a pipe or an empty file, is written to as it is; a symbolic link stays one.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string target = TargetOf(path);
        if (new FileInfo(target) is { LinkTarget: not null } or { Exists: true, Length: 0 })
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
            using (var file = new FileStream(temporary, FileMode.Create))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>The full path of what a name stands for: a symbolic link's end, where that is a file.</summary>
    public static string TargetOf(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : file.FullName;
    }
}
