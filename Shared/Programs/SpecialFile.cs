using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Detects files that are not regular: named pipes, sockets and character devices, such as standard input.</summary>
internal static partial class SpecialFile
{
    /// <summary>The length of Linux' struct statx, the same on all processors.</summary>
    public const int StatusBytes = 256;

    // AT_FDCWD, STATX_TYPE and STATX_INO, and the offset of stx_mode.
    private const int CurrentFolder = -100;
    private const uint TypeAndInode = 0x101;
    private const int ModeOffset = 28;
    private const int FormatBits = 0xF000;
    private const int Pipe = 0x1000;
    private const int CharacterDevice = 0x2000;
    private const int Socket = 0xC000;

    /// <summary>Whether a file can be read only once, sequentially, and reads may block. Follows links. False if the file does not exist, and always on
    /// other systems than Linux.</summary>
    public static bool IsPipe(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        return TryRead(path, status) && (BitConverter.ToUInt16(status[ModeOffset..]) & FormatBits) is Pipe or CharacterDevice or Socket;
    }

    /// <summary>Reads a file's struct statx with its type, device and inode. Follows links. False if the file does not exist, and always on other systems than
    /// Linux and with a C library older than Linux 4.11.</summary>
    public static bool TryRead(string path, Span<byte> status)
    {
        try
        {
            return OperatingSystem.IsLinux() && Statx(CurrentFolder, path, flags: 0, TypeAndInode, status) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
