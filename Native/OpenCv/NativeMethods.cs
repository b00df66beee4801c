using System.Runtime.InteropServices;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>The shim's exports, as mlcv.h and the .cpp files beside it define them. Callers pass statuses to <see cref="Check"/>.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "mlcv";

    [LibraryImport(Library, EntryPoint = "mlcv_last_error")]
    private static partial int LastError(byte* buffer, int capacity);

    [LibraryImport(Library, EntryPoint = "mlcv_set_num_threads")]
    internal static partial int SetNumThreads(int count);

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
    internal static partial int Imencode(MatHandle mat, string extension, int jpegQuality, MatHandle encoded);

    [LibraryImport(Library, EntryPoint = "mlcv_resize")]
    internal static partial int Resize(MatHandle source, MatHandle destination, int width, int height, int interpolation);

    [LibraryImport(Library, EntryPoint = "mlcv_cvt_color")]
    internal static partial int CvtColor(MatHandle source, MatHandle destination, int code);

    [LibraryImport(Library, EntryPoint = "mlcv_pad")]
    internal static partial int Pad(MatHandle source, MatHandle destination, int width, int height);

    [LibraryImport(Library, EntryPoint = "mlcv_mirror")]
    internal static partial int Mirror(MatHandle source, MatHandle destination);

    [LibraryImport(Library, EntryPoint = "mlcv_copy")]
    internal static partial int Copy(MatHandle source, MatHandle destination);

    [LibraryImport(Library, EntryPoint = "mlcv_shade")]
    internal static partial int Shade(MatHandle mat, int x, int y, int width, int height, uint rgb, double opacity);

    [LibraryImport(Library, EntryPoint = "mlcv_blur")]
    internal static partial int Blur(MatHandle mat, int x, int y, int width, int height, int cells);

    [LibraryImport(Library, EntryPoint = "mlcv_rectangle")]
    internal static partial int Rectangle(MatHandle mat, int x, int y, int width, int height, uint rgb, int thickness);

    [LibraryImport(Library, EntryPoint = "mlcv_put_text", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PutText(MatHandle mat, string text, int x, int y, double scale, uint rgb, int thickness);

    [LibraryImport(Library, EntryPoint = "mlcv_get_text_size", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GetTextSize(string text, double scale, int thickness, out int width, out int height, out int baseline);

    [LibraryImport(Library, EntryPoint = "mlcv_cascade_new", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CascadeNew(string path, out CascadeHandle cascade);

    [LibraryImport(Library, EntryPoint = "mlcv_cascade_delete")]
    internal static partial void CascadeDelete(nint cascade);

    [LibraryImport(Library, EntryPoint = "mlcv_cascade_get_window_size")]
    internal static partial void CascadeGetWindowSize(CascadeHandle cascade, out int width, out int height);

    [LibraryImport(Library, EntryPoint = "mlcv_cascade_detect")]
    internal static partial int CascadeDetect(
        CascadeHandle cascade, MatHandle gray, double scaleFactor, int minNeighbors, int minSize, out Box* boxes, out int count);

    [LibraryImport(Library, EntryPoint = "mlcv_capture_open_camera")]
    internal static partial int CaptureOpenCamera(int index, out CaptureHandle capture);

    [LibraryImport(Library, EntryPoint = "mlcv_capture_open_file", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CaptureOpenFile(string path, int timeoutMs, out CaptureHandle capture);

    [LibraryImport(Library, EntryPoint = "mlcv_capture_delete")]
    internal static partial void CaptureDelete(nint capture);

    [LibraryImport(Library, EntryPoint = "mlcv_capture_read")]
    internal static partial int CaptureRead(CaptureHandle capture, MatHandle frame, out int hasFrame);

    [LibraryImport(Library, EntryPoint = "mlcv_capture_get")]
    internal static partial int CaptureGet(CaptureHandle capture, int property, out double value);

    [LibraryImport(Library, EntryPoint = "mlcv_writer_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WriterOpen(string path, int fourcc, double framesPerSecond, int width, int height, out WriterHandle writer);

    [LibraryImport(Library, EntryPoint = "mlcv_writer_delete")]
    internal static partial void WriterDelete(nint writer);

    [LibraryImport(Library, EntryPoint = "mlcv_writer_write")]
    internal static partial int WriterWrite(WriterHandle writer, MatHandle frame);

    [LibraryImport(Library, EntryPoint = "mlcv_has_display")]
    internal static partial int HasDisplay();

    [LibraryImport(Library, EntryPoint = "mlcv_window_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WindowOpen(string name);

    [LibraryImport(Library, EntryPoint = "mlcv_window_resize", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WindowResize(string name, int width, int height);

    [LibraryImport(Library, EntryPoint = "mlcv_window_close", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WindowClose(string name);

    [LibraryImport(Library, EntryPoint = "mlcv_imshow", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Imshow(string name, MatHandle image);

    [LibraryImport(Library, EntryPoint = "mlcv_wait_key")]
    internal static partial int WaitKey(int delayMs, out int key);

    [LibraryImport(Library, EntryPoint = "mlcv_window_is_visible", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int WindowIsVisible(string name, out int visible);

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
