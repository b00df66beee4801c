using System.Diagnostics;

namespace MlNetEmotion.Tests.Detector;

/// <summary>The Detector as a user starts it: a process of its own.</summary>
internal sealed class DetectorProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    public DetectorProcess(string? display, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll"), .. args])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("WAYLAND_DISPLAY");
        start.Environment["DISPLAY"] = display ?? "";
        process = Process.Start(start)!;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => process.HasExited;

    /// <summary>Runs to its end without a display.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run(params string[] args)
    {
        using var detector = new DetectorProcess(display: null, args);
        return await detector.Exit();
    }

    /// <summary>Sends a signal as a shell does.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, $"{process.Id}"]);
        kill.WaitForExit();
    }

    public async Task<(int ExitCode, string Output, string Error)> Exit()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
