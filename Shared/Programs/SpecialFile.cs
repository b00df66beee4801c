using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Detects files that are not regular: named pipes, sockets and character devices, such as standard input.</summary>
internal static partial class SpecialFile
{
    // Linux' statx: AT_FDCWD, STATX_TYPE, and the offset of stx_mode in struct statx.
    private const int CurrentFolder = -100;
    private const uint TypeMask = 1;
    private const int ModeOffset = 28;
    private const int StatusBytes = 256;
    private const int FormatBits = 0xF000;
    private const int Pipe = 0x1000;
    private const int CharacterDevice = 0x2000;
    private const int Socket = 0xC000;

    /// <summary>Whether a file can be read only once, sequentially, and reads may block. Follows links. False if the file does not exist, and always on
    /// other systems than Linux.</summary>
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
