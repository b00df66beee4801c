using System.Diagnostics;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class DetectorWindowTests
{
    [Theory]
    [InlineData("q")]
    [InlineData("Escape")]
    public async Task Key_InTheWindow_Quits(string key)
    {
        Assert.SkipUnless(IsInstalled("Xvfb") && IsInstalled("xdotool"), "needs Xvfb and xdotool");
        using Process server = StartXvfb(out string display);
        try
        {
            using var detector = new DetectorProcess(display, "--demo", "--model", Fixture.Model("tiny"));
            string window = await WindowOf(detector, display);
            while (!detector.HasExited)
            {
                // A key that comes before the window has the focus goes nowhere.
                await Xdotool(display, "windowfocus", window);
                await Xdotool(display, "key", key);
                await Task.Delay(500, TestContext.Current.CancellationToken);
            }

            (int exitCode, string output, string error) = await detector.Exit();

            Assert.Equal(("", 0), (error, exitCode));
            Assert.StartsWith("demo: ", output, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task Signal_WithTheWindowOpen_ClosesItAndQuits()
    {
        Assert.SkipUnless(IsInstalled("Xvfb") && IsInstalled("xdotool"), "needs Xvfb and xdotool");
        using Process server = StartXvfb(out string display);
        try
        {
            using var detector = new DetectorProcess(display, "--demo", "--model", Fixture.Model("tiny"));
            await WindowOf(detector, display);
            detector.Signal("INT");
            (int exitCode, _, string error) = await detector.Exit();

            Assert.Equal(("", 0), (error, exitCode));
        }
        finally
        {
            server.Kill();
        }
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    // The server picks a free display number and says which.
    private static Process StartXvfb(out string display)
    {
        Process server = Process.Start(new ProcessStartInfo("Xvfb", ["-displayfd", "1", "-screen", "0", "1024x600x24", "-nolisten", "tcp"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        display = ":" + server.StandardOutput.ReadLine();
        return server;
    }

    private static async Task<string> WindowOf(DetectorProcess detector, string display)
    {
        string window = "";
        while (window.Length == 0 && !detector.HasExited)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            window = (await Xdotool(display, "search", "--onlyvisible", "--name", "^MlNetEmotion$")).Split('\n')[0];
        }

        return window;
    }

    private static async Task<string> Xdotool(string display, params string[] args)
    {
        var start = new ProcessStartInfo("xdotool", args) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DISPLAY"] = display;
        using Process tool = Process.Start(start)!;
        string output = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
