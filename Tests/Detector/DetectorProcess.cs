using System.Diagnostics;

namespace MlNetEmotion.Tests.Detector;

/// <summary>The Detector as a user starts it.</summary>
internal sealed class DetectorProcess(string? display, params string[] args) : ProgramProcess(Start(display, args))
{
    /// <summary>Runs to its end without a display.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run(params string[] args)
    {
        using var detector = new DetectorProcess(display: null, args);
        return await detector.Exit();
    }

    private static ProcessStartInfo Start(string? display, string[] args)
    {
        ProcessStartInfo start = Beside("Detector", args);
        start.Environment.Remove("WAYLAND_DISPLAY");
        start.Environment["DISPLAY"] = display ?? "";
        return start;
    }
}
