using System.Diagnostics;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

/// <summary>A virtual display with keyboard input: Xvfb and xdotool.</summary>
internal sealed class VirtualDisplay : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Process server;

    // The server picks a free display number and prints it.
    private VirtualDisplay()
    {
        string[] args = ["-displayfd", "1", "-screen", "0", "1024x600x24", "-nolisten", "tcp", "-noreset", "-fbdir", folder.Root];
        server = Process.Start(new ProcessStartInfo("Xvfb", args)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Name = ":" + server.StandardOutput.ReadLine();
    }

    public string Name { get; }

    /// <summary>Starts a display, or skips the test if that is not possible.</summary>
    public static VirtualDisplay Start()
    {
        Assert.SkipUnless(IsInstalled("Xvfb") && IsInstalled("xdotool"), "needs Xvfb and xdotool");
        return new VirtualDisplay();
    }

    /// <summary>Returns a screenshot: the content of an XWD file.</summary>
    public byte[] Screen()
    {
        using var file = new FileStream(Path.Combine(folder.Root, "Xvfb_screen0"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Waits for the program's window.</summary>
    public async Task<string> WindowOf(DetectorProcess detector)
    {
        string window = "";
        while (window.Length == 0 && !detector.HasExited)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            window = (await Xdotool("search", "--onlyvisible", "--name", "^MlNetEmotion$")).Split('\n')[0];
        }

        return window;
    }

    public async Task<string> Xdotool(params string[] args)
    {
        var start = new ProcessStartInfo("xdotool", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DISPLAY"] = Name;
        using Process tool = Process.Start(start)!;
        string output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }

    public void Dispose()
    {
        server.Kill();
        server.WaitForExit();
        server.Dispose();
        folder.Dispose();
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
