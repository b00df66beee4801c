using System.Diagnostics;
using System.Text.RegularExpressions;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

[NeedsLinux("Xvfb's screen and xdotool's keys")]
public sealed class DetectorWindowTests
{
    [Theory]
    [InlineData("q")]
    [InlineData("Escape")]
    public async Task Key_InTheWindow_Quits(string key)
    {
        using var display = VirtualDisplay.Start();
        using var detector = new DetectorProcess(display.Name, "--demo", "--model", Fixture.Model("tiny"));
        string window = await display.WindowOf(detector);
        while (!detector.HasExited)
        {
            // A key pressed before the window has the focus is lost.
            await display.Xdotool("windowfocus", window);
            await display.Xdotool("key", key);
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        (int exitCode, string output, string error) = await detector.Exit();

        Assert.Equal(("", 0), (error, exitCode));
        Assert.StartsWith("demo: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_MirrorBarsHelpPauseSnapshot_DoWhatTheySay()
    {
        using var folder = new TemporaryFolder();
        using var display = VirtualDisplay.Start();
        using var detector = new DetectorProcess(display.Name, "--demo", "--model", Fixture.Model("tiny"), "--snapshots", folder.Root);
        string window = await display.WindowOf(detector);
        await display.Xdotool("windowfocus", window);
        string asItIs = await Snapshot(folder.Root, display, "space", "s");    // paused, so that all snapshots show one frame
        string mirrored = await Snapshot(folder.Root, display, "question", "m", "s");
        string back = await Snapshot(folder.Root, display, "m", "s");
        string withoutBars = await Snapshot(folder.Root, display, "b", "s");
        await display.Xdotool("key", "q");
        (int exitCode, _, string error) = await detector.Exit();

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(File.ReadAllBytes(asItIs), File.ReadAllBytes(back));    // and the help is not part of a snapshot
        Assert.NotEqual(File.ReadAllBytes(asItIs), File.ReadAllBytes(mirrored));
        Assert.NotEqual(File.ReadAllBytes(asItIs), File.ReadAllBytes(withoutBars));

        // A row above boxes and labels, through the hair of the tallest person, on the right.
        byte[][] row = Row(asItIs, 100);
        Assert.NotEqual(row, row.Reverse());
        Assert.Equal(row.Reverse(), Row(mirrored, 100));
    }

    [Fact]
    public async Task Signal_WithTheWindowOpen_ClosesItAndQuits()
    {
        using var display = VirtualDisplay.Start();
        using var detector = new DetectorProcess(display.Name, "--demo", "--model", Fixture.Model("tiny"));
        await display.WindowOf(detector);
        detector.Signal("INT");
        (int exitCode, _, string error) = await detector.Exit();

        Assert.Equal(("", 0), (error, exitCode));
    }

    [Fact]
    public async Task Stream_StallsWithTheWindowOpen_SaysSoAndTheKeysWork()
    {
        byte[] image = MjpegServer.Image(320, 240, 128);
        using var server = new MjpegServer(async viewer =>
        {
            await viewer.Send(50, image);
            await viewer.Stall();
        });
        using var display = VirtualDisplay.Start();
        using var detector = new DetectorProcess(display.Name, "--input", server.Url, "--model", Fixture.Model("tiny"));
        string window = await display.WindowOf(detector);

        // While no frame arrives, only the text with the seconds can change the screen: it appears and counts.
        await server.Stalled;
        for (int change = 0; change < 3; change++)
        {
            byte[] before = display.Screen();
            for (int i = 0; display.Screen().AsSpan().SequenceEqual(before); i++)
            {
                Assert.True(i < 1200, "the screen does not change");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        await display.Xdotool("windowfocus", window);
        long start = Stopwatch.GetTimestamp();
        await display.Xdotool("key", "q");
        (int exitCode, string output, string error) = await detector.Exit();

        Assert.Equal(0, exitCode);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 4);    // the read itself would take longer
        Assert.Matches($"^{Regex.Escape(server.Url)}: no image for [2-9] s; waiting for it.\n", error);    // 2 s, or more on a busy machine
        Assert.StartsWith(server.Url, output, StringComparison.Ordinal);
    }

    // Presses keys, the last of which is 's', and waits for the new file.
    private static async Task<string> Snapshot(string folder, VirtualDisplay display, params string[] keys)
    {
        string[] before = Directory.GetFiles(folder);
        foreach (string key in keys)
        {
            await display.Xdotool("key", key);
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
        using Frame image = Image.Decode(File.ReadAllBytes(path));
        ImageView view = image.View;
        return [.. view.Pixels.Slice(y * view.Stride, 3 * view.Width).ToArray().Chunk(3)];
    }
}
