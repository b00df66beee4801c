using System.Diagnostics;
using System.Text.Json;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

/// <summary>Messages and exit codes of faults of network cameras; docs/faults.md names these tests.</summary>
public sealed class StreamFaultTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Speed", "slow")]
    public async Task Size_ChangesMidway_AllStagesFollow()
    {
        byte[] large = People(DemoSource.Width, DemoSource.Height);
        byte[] small = People(DemoSource.Width / 2, DemoSource.Height / 2);
        using var server = new MjpegServer(async viewer =>
        {
            await viewer.Send(300, large);
            await viewer.Send(150, small);
        });
        string video = Path.Combine(folder.Root, "out.avi");
        string events = Path.Combine(folder.Root, "events.jsonl");

        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--input", server.Url, "--headless", "--model", Model, "--reconnect", "0", "--blur-faces", "--output", video, "--events", events);

        Assert.Equal(("", 0), (error, exitCode));
        int[] rightEdges = [.. File.ReadLines(events).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("box")).Select(box => box.GetProperty("x").GetInt32() + box.GetProperty("width").GetInt32())];
        Assert.InRange(rightEdges[2], 500, DemoSource.Width);    // the third person of the first frame
        Assert.InRange(rightEdges[^1], 250, DemoSource.Width / 2);
        using VideoCapture written = VideoFile.Open(video);
        Assert.Equal((DemoSource.Width, DemoSource.Height), (written.FrameWidth, written.FrameHeight));
    }

    [Fact]
    public async Task Password_InTheAddress_IsShownAndWrittenNowhere()
    {
        using var server = new MjpegServer(viewer => viewer.Send(50, People(DemoSource.Width, DemoSource.Height)), viewer => viewer.Stall());
        string url = server.Url.Replace("://", "://admin:s3cret@", StringComparison.Ordinal);
        string events = Path.Combine(folder.Root, "events.jsonl");
        string report = Path.Combine(folder.Root, "report.html");

        (int exitCode, string output, string error) = await DetectorProcess.Run(
            "--input", url, "--headless", "--model", Model, "--reconnect", "2", "--events", events, "--report", report);
        Assert.Equal(1, exitCode);
        string shown = server.Url.Replace("://", "://***@", StringComparison.Ordinal);
        Assert.StartsWith($"{shown}: the connection was closed. Trying again", error, StringComparison.Ordinal);
        Assert.Contains($"<h1>{shown}</h1>", File.ReadAllText(report), StringComparison.Ordinal);
        Assert.Contains($"\"source\":\"{shown}\"", File.ReadAllText(events), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", output + error + File.ReadAllText(report) + File.ReadAllText(events), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--input", "rtsp://admin:s3cret@127.0.0.1:9/live")]
    [InlineData("--input", "http://admin:s3c/r@e?t@127.0.0.1:9/live", "--verbose")]
    [InlineData("--imput=rtsp://admin:s3cret@127.0.0.1/live")]
    [InlineData("--input", "rtsp://admin:s3cret@127.0.0.1/live", "clip.mp4")]
    public async Task Password_InAnAddressThatFails_IsShownNowhere(params string[] args)
    {
        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess(["--headless", "--model", Model, .. args]);

        Assert.Equal(2, exitCode);
        Assert.Contains("://***@127.0.0.1", error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3c", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stall_ForTooLong_EndsWithTheEventsKept()
    {
        using var server = new MjpegServer(StallAfter(200));
        string events = Path.Combine(folder.Root, "events.jsonl");

        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--input", server.Url, "--headless", "--model", Model, "--reconnect", "3", "--events", events);

        Assert.Equal(1, exitCode);
        Assert.Matches($"^{server.Url}: no image for [0-9]+ s; waiting for it.\n{server.Url}: no image for [0-9]+ s; gave up. '--reconnect' sets how long to try.\n$", error);
        Assert.True(File.ReadAllLines(events).Length >= 3);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_WhileAReadBlocks_EndsInOrder(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using var server = new MjpegServer(StallAfter(20));
        string events = Path.Combine(folder.Root, "events.csv");
        using var detector = new DetectorProcess(null, "--input", server.Url, "--headless", "--model", Model, "--events", events);
        await server.Stalled;
        await Task.Delay(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);    // the last images are taken, the next read blocks

        long start = Stopwatch.GetTimestamp();
        detector.Signal(signal);
        (int exitCode, string output, _) = await detector.Exit();

        Assert.Equal(0, exitCode);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);    // the read itself would continue until its timeout of ten seconds
        Assert.StartsWith(server.Url, output, StringComparison.Ordinal);
    }

    private static Func<MjpegServer.Viewer, Task> StallAfter(int frames)
    {
        byte[] people = People(DemoSource.Width, DemoSource.Height);
        return async viewer =>
        {
            await viewer.Send(frames, people);
            await viewer.Stall();
        };
    }

    private static byte[] People(int width, int height)
    {
        using var demo = new DemoSource();
        using var frame = new Frame();
        using var scaled = new Frame();
        demo.Read(frame, out _);
        frame.ResizeTo(scaled, width, height, InterpolationFlags.Area);
        return scaled.Mat.ImEncode(".jpg");
    }
}
