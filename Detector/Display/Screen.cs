using System.Runtime.InteropServices;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Display;

/// <summary>A window of OpenCV. Single-threaded.</summary>
internal sealed partial class Screen : IDisposable
{
    private readonly string title;

    public Screen(string title)
    {
        this.title = title;
        OpenCvLibrary.Load();
        Cv2.NamedWindow(title, WindowFlags.Normal | WindowFlags.KeepRatio | WindowFlags.GuiNormal);
    }

    /// <summary>Whether a display is available. Connects to it as GTK does, because GTK ends the process if there is none.</summary>
    public static bool IsAvailable => !OperatingSystem.IsLinux()
        || (IsSet("DISPLAY") && OpenX11(null) is var x11 and not 0 && CloseX11(x11) >= 0)
        || (IsSet("WAYLAND_DISPLAY") && HasWayland());

    /// <summary>Whether the window is open: false once the user has closed it. OpenCV's GTK backend does not support the property Visible, but returns -1 for any
    /// property of a closed window.</summary>
    public bool IsOpen => OperatingSystem.IsLinux()
        ? Cv2.GetWindowProperty(title, WindowPropertyFlags.AutoSize) >= 0
        : Cv2.GetWindowProperty(title, WindowPropertyFlags.Visible) > 0;

    public void Resize(int width, int height) => Cv2.ResizeWindow(title, width, height);

    /// <summary>Shows a copy of a frame, which appears during the next <see cref="WaitKey"/>.</summary>
    public void Show(Frame frame) => Cv2.ImShow(title, frame.Mat);

    /// <summary>Handles the window's events. Returns the character code of a key (27 for Esc), or -1 if none was pressed in that time.</summary>
    public static int WaitKey(int delayMs) => Cv2.WaitKey(delayMs) is var key && key < 0 ? key : key & 0xFF;

    public void Dispose()
    {
        if (IsOpen)
        {
            Cv2.DestroyWindow(title);
            Cv2.WaitKey(1);    // handles the event that closes it
        }
    }

    private static bool HasWayland()
    {
        nint display = OpenWayland(null);
        if (display != 0)
        {
            CloseWayland(display);
        }

        return display != 0;
    }

    /// <summary>Whether an environment variable has a value.</summary>
    internal static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    [LibraryImport("libX11.so.6", EntryPoint = "XOpenDisplay", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenX11(string? name);

    [LibraryImport("libX11.so.6", EntryPoint = "XCloseDisplay")]
    private static partial int CloseX11(nint display);

    [LibraryImport("libwayland-client.so.0", EntryPoint = "wl_display_connect", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenWayland(string? name);

    [LibraryImport("libwayland-client.so.0", EntryPoint = "wl_display_disconnect")]
    private static partial void CloseWayland(nint display);
}
