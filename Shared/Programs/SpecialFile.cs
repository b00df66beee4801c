using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Files that are no regular ones: named pipes, sockets and character devices, standard input among them.</summary>
internal static partial class SpecialFile
{
    // Linux' statx: the directory that relative paths start from, the mask of the file's type, and where the type lies in the answer.
    private const int CurrentFolder = -100;
    private const uint TypeMask = 1;
    private const int ModeOffset = 28;
    private const int StatusBytes = 256;
    private const int FormatBits = 0xF000;
    private const int Pipe = 0x1000;
    private const int CharacterDevice = 0x2000;
    private const int Socket = 0xC000;

    /// <summary>Whether a file can be read only once, from its beginning, and may keep its reader waiting. Links are followed. Always false on
    /// other systems than Linux, and where there is no such file.</summary>
    public static bool IsPipe(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        Span<byte> status = stackalloc byte[StatusBytes];
        return Status(CurrentFolder, path, flags: 0, TypeMask, status) == 0
            && (BitConverter.ToUInt16(status[ModeOffset..]) & FormatBits) is Pipe or CharacterDevice or Socket;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, Span<byte> status);
}
