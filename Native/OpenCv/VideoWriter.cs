using System.Text;

namespace MlNetEmotion.Native.OpenCv;

/// <summary>Writes a video file. Dispose writes what the format needs at its end. Not thread-safe.</summary>
public sealed class VideoWriter : IDisposable
{
    private readonly WriterHandle handle;

    /// <summary>Creates the file.</summary>
    /// <param name="path">Its extension decides the container.</param>
    /// <param name="fourcc">The codec's four characters, for example <c>avc1</c>.</param>
    /// <param name="framesPerSecond">Greater than 0.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <exception cref="NativeException">The file cannot be created, or OpenCV's build has no such encoder.</exception>
    public VideoWriter(string path, string fourcc, double framesPerSecond, int width, int height)
    {
        int code = BitConverter.ToInt32(Encoding.ASCII.GetBytes(fourcc));
        int status = NativeMethods.WriterOpen(path, code, framesPerSecond, width, height, out handle);
        if (status != 0)
        {
            handle.Dispose();
            NativeMethods.Check(status, "mlcv_writer_open");
        }
    }

    /// <summary>Appends a frame.</summary>
    /// <param name="frame">BGR, of the size given at the start.</param>
    public void Write(Mat frame) => NativeMethods.Check(NativeMethods.WriterWrite(handle, frame.Handle), "mlcv_writer_write");

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
