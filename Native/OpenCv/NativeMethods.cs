using System.Runtime.InteropServices;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>The shim's exports, as mlcv.h and the .cpp files beside it define them. Callers pass statuses to <see cref="Check"/>.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "mlcv";

    [LibraryImport(Library, EntryPoint = "mlcv_last_error")]
    private static partial int LastError(byte* buffer, int capacity);

    [LibraryImport(Library, EntryPoint = "mlcv_mat_new")]
    internal static partial int MatNew(out MatHandle mat);

    [LibraryImport(Library, EntryPoint = "mlcv_mat_delete")]
    internal static partial void MatDelete(nint mat);

    [LibraryImport(Library, EntryPoint = "mlcv_mat_get_info")]
    internal static partial void MatGetInfo(MatHandle mat, out MatInfo info);

    [LibraryImport(Library, EntryPoint = "mlcv_mat_from_pixels")]
    internal static partial int MatFromPixels(byte* pixels, int width, int height, int stride, int format, MatHandle mat);

    [LibraryImport(Library, EntryPoint = "mlcv_imdecode")]
    internal static partial int Imdecode(byte* encoded, int length, int mode, MatHandle mat);

    [LibraryImport(Library, EntryPoint = "mlcv_imencode", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Imencode(MatHandle mat, string extension, MatHandle encoded);

    [LibraryImport(Library, EntryPoint = "mlcv_resize")]
    internal static partial int Resize(MatHandle source, MatHandle destination, int width, int height, int interpolation);

    [LibraryImport(Library, EntryPoint = "mlcv_cvt_color")]
    internal static partial int CvtColor(MatHandle source, MatHandle destination, int code);

    /// <summary>Turns a failed status into an exception with OpenCV's own text.</summary>
    /// <param name="status">What the export answered.</param>
    /// <param name="operation">The export's name.</param>
    /// <exception cref="NativeException">The status is a failure.</exception>
    internal static void Check(int status, string operation)
    {
        if (status != 0)
        {
            throw new NativeException(operation, LastErrorText());
        }
    }

    /// <summary>The calling thread's last native failure, in one line.</summary>
    internal static string LastErrorText()
    {
        Span<byte> buffer = stackalloc byte[1024];
        fixed (byte* start = buffer)
        {
            _ = LastError(start, buffer.Length);
            return Marshal.PtrToStringUTF8((nint)start)!.ReplaceLineEndings(" ").Trim();
        }
    }

    /// <summary>Where a matrix keeps its pixels; mirrors <c>mlcv_mat_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal readonly struct MatInfo
    {
        internal readonly byte* Data;
        internal readonly long Step;
        internal readonly int Width;
        internal readonly int Height;
        internal readonly int Channels;
        internal readonly int Depth;
    }
}
