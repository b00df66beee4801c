namespace MlNetEmotion.Native.OpenCv;

/// <summary>A window that shows images. Dispose closes it. Use it from one thread only.</summary>
public sealed class Window : IDisposable
{
    private readonly string name;

    /// <summary>Opens a resizable window.</summary>
    /// <param name="name">Its title; also its identity, so no two windows may share it.</param>
    /// <exception cref="NativeException">OpenCV's build has no windows.</exception>
    public Window(string name)
    {
        this.name = name;
        NativeMethods.Check(NativeMethods.WindowOpen(name), "mlcv_window_open");
    }

    /// <summary>Whether a display answers. Without one, opening a window would abort the process.</summary>
    public static bool HasDisplay => NativeMethods.HasDisplay() != 0;

    /// <summary>Whether the window is there; false once the user has closed it.</summary>
    public bool IsOpen
    {
        get
        {
            NativeMethods.Check(NativeMethods.WindowIsVisible(name, out int visible), "mlcv_window_is_visible");
            return visible != 0;
        }
    }

    /// <summary>Gives the window a size.</summary>
    /// <param name="width">Pixels across, without the frame.</param>
    /// <param name="height">Pixels down, without the title.</param>
    public void Resize(int width, int height) => NativeMethods.Check(NativeMethods.WindowResize(name, width, height), "mlcv_window_resize");

    /// <summary>Shows an image; it appears during the next <see cref="WaitKey"/>.</summary>
    /// <param name="image">Gray or BGR; copied.</param>
    public void Show(Mat image) => NativeMethods.Check(NativeMethods.Imshow(name, image.Handle), "mlcv_imshow");

    /// <summary>Lets the window work, and waits for a key.</summary>
    /// <param name="delayMs">How long at most, at least 1.</param>
    /// <returns>The key's character code (27 is Esc), or -1.</returns>
    public static int WaitKey(int delayMs)
    {
        NativeMethods.Check(NativeMethods.WaitKey(delayMs, out int key), "mlcv_wait_key");
        return key < 0 ? key : key & 0xFF;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOpen)
        {
            NativeMethods.Check(NativeMethods.WindowClose(name), "mlcv_window_close");
        }
    }
}
