namespace MlNetEmotion.Native.OpenCv;

/// <summary>Frames from a camera, a video file or a stream. Dispose releases the device. Not thread-safe.</summary>
public sealed class VideoCapture : IDisposable
{
    private const int FrameWidthProperty = 3;
    private const int FrameHeightProperty = 4;
    private const int PositionMsecProperty = 0;
    private const int FpsProperty = 5;
    private const int FrameCountProperty = 7;

    private readonly CaptureHandle handle;

    private VideoCapture(CaptureHandle handle) => this.handle = handle;

    /// <summary>When the frame that was read last belongs on the screen, in milliseconds; 0 where the backend does not know.</summary>
    public double PositionMs => Get(PositionMsecProperty);

    /// <summary>How many frames the file says, or its length suggests, that it has; 0 or less where that is unknown.</summary>
    public double FrameCount => Get(FrameCountProperty);

    /// <summary>Pixels across.</summary>
    public int Width => (int)Get(FrameWidthProperty);

    /// <summary>Pixels down.</summary>
    public int Height => (int)Get(FrameHeightProperty);

    /// <summary>Frames a second as the source states them; 0 where it doesn't.</summary>
    public double FramesPerSecond => Get(FpsProperty) is var fps && double.IsFinite(fps) ? Math.Max(fps, 0) : 0;

    /// <summary>Opens a camera.</summary>
    /// <param name="index">0 for the first.</param>
    /// <exception cref="NativeException">There is no such camera, it is in use, or not permitted.</exception>
    public static VideoCapture OpenCamera(int index)
    {
        int status = NativeMethods.CaptureOpenCamera(index, out CaptureHandle handle);
        return Opened(status, handle, "mlcv_capture_open_camera");
    }

    /// <summary>Opens a video file or a stream.</summary>
    /// <param name="pathOrUrl">For example <c>clip.mp4</c> or <c>rtsp://host/stream</c>.</param>
    /// <param name="timeout">How long opening, and later a read, may wait for a stream.</param>
    /// <exception cref="NativeException">It cannot be reached or is no video.</exception>
    public static VideoCapture Open(string pathOrUrl, TimeSpan timeout)
    {
        int status = NativeMethods.CaptureOpenFile(pathOrUrl, (int)timeout.TotalMilliseconds, out CaptureHandle handle);
        return Opened(status, handle, "mlcv_capture_open_file");
    }

    /// <summary>Reads the next frame into an image, whose memory is reused where it fits.</summary>
    /// <param name="frame">Receives BGR pixels.</param>
    /// <returns>False at the end, and where a camera or stream stopped delivering.</returns>
    public bool Read(Mat frame)
    {
        NativeMethods.Check(NativeMethods.CaptureRead(handle, frame.Handle, out int hasFrame), "mlcv_capture_read");
        return hasFrame != 0;
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static VideoCapture Opened(int status, CaptureHandle handle, string operation)
    {
        if (status != 0)
        {
            handle.Dispose();
            NativeMethods.Check(status, operation);
        }

        return new VideoCapture(handle);
    }

    private double Get(int property)
    {
        NativeMethods.Check(NativeMethods.CaptureGet(handle, property, out double value), "mlcv_capture_get");
        return value;
    }
}
