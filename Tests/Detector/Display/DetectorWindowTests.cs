using System.Diagnostics;
using MlNetEmotion.Imaging;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
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
    public async Task Keys_MirrorBarsHelpPauseSnapshot_DoWhatTheySay()
    {
        Assert.SkipUnless(IsInstalled("Xvfb") && IsInstalled("xdotool"), "needs Xvfb and xdotool");
        using var folder = new TemporaryFolder();
        using Process server = StartXvfb(out string display);
        try
        {
            using var detector = new DetectorProcess(display, "--demo", "--model", Fixture.Model("tiny"), "--snapshots", folder.Root);
            string window = await WindowOf(detector, display);
            await Xdotool(display, "windowfocus", window);
            string asItIs = await Snapshot(folder.Root, display, "space", "s");    // paused, so that all are of one frame
            string mirrored = await Snapshot(folder.Root, display, "question", "m", "s");
            string back = await Snapshot(folder.Root, display, "m", "s");
            string withoutBars = await Snapshot(folder.Root, display, "b", "s");
            await Xdotool(display, "key", "q");
            (int exitCode, _, string error) = await detector.Exit();

            Assert.Equal(("", 0), (error, exitCode));
            Assert.Equal(File.ReadAllBytes(asItIs), File.ReadAllBytes(back));    // and the help is not part of a snapshot
            Assert.NotEqual(File.ReadAllBytes(asItIs), File.ReadAllBytes(mirrored));
            Assert.NotEqual(File.ReadAllBytes(asItIs), File.ReadAllBytes(withoutBars));

            // A row above boxes and labels, through the hair of the tallest, who stands on the right.
            byte[][] row = Row(asItIs, 100);
            Assert.NotEqual(row, row.Reverse());
            Assert.Equal(row.Reverse(), Row(mirrored, 100));
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

    // Presses keys, of which the last is 's', and waits for the new file.
    private static async Task<string> Snapshot(string folder, string display, params string[] keys)
    {
        string[] before = Directory.GetFiles(folder);
        foreach (string key in keys)
        {
            await Xdotool(display, "key", key);
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }

        string[] added = [];
        while (added.Length == 0)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            added = [.. Directory.GetFiles(folder).Except(before)];
        }

        await Task.Delay(300, TestContext.Current.CancellationToken);
        return Assert.Single(added);
    }

    private static byte[][] Row(string path, int y)
    {
        using Mat picture = Mat.Decode(File.ReadAllBytes(path), ImreadMode.Color);
        ImageView view = picture.View;
        return [.. view.Pixels.Slice(y * view.Stride, 3 * view.Width).ToArray().Chunk(3)];
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    // The server picks a free display number and says which.
    private static Process StartXvfb(out string display)
    {
        Process server = Process.Start(new ProcessStartInfo("Xvfb", ["-displayfd", "1", "-screen", "0", "1024x600x24", "-nolisten", "tcp", "-noreset"])
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
