using System.Collections.Concurrent;
using System.Diagnostics;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class LiveSourceTests
{
    private const byte Dark = 40;
    private const byte Bright = 220;

    private static readonly byte[] DarkImage = MjpegServer.Image(64, 48, Dark);
    private static readonly byte[] BrightImage = MjpegServer.Image(64, 48, Bright);

    private readonly ConcurrentQueue<string> reports = [];
    private readonly ManualTime time = new();

    [Fact]
    public async Task Read_ConnectionCloses_ComesBackAndTellsBoth()
    {
        using var server = new MjpegServer(viewer => viewer.Send(20, DarkImage), viewer => viewer.Send(1000, BrightImage));
        using IFrameSource source = FrameSources.Open(server.Url, reports.Enqueue, stop: TestContext.Current.CancellationToken);
        Assert.True(source.IsLive);
        (List<TimeSpan> times, _) = await ReadUntil(source, frame => IsBright(frame));

        Assert.Equal(times.Order(), times);
        Assert.Equal($"{server.Url}: the connection was closed. Trying again for up to 300 s.", reports.First(IsReconnection));
        Assert.StartsWith($"{server.Url}: the image is back after ", reports.SkipWhile(report => !IsReconnection(report)).ElementAt(1), StringComparison.Ordinal);
        Assert.Null(source.StallMessage);
    }

    [Fact]
    public async Task Open_CameraWithAPassword_SendsItDecoded()
    {
        string expected = Convert.ToBase64String("ad@min:s3:cret"u8);
        using var server = new MjpegServer(viewer => viewer.Send(1000, DarkImage)) { Authorization = $"Basic {expected}" };
        string url = server.Url.Replace("://", "://ad%40min:s3%3Acret@", StringComparison.Ordinal);
        using IFrameSource source = FrameSources.Open(url, reports.Enqueue, stop: TestContext.Current.CancellationToken);

        (_, int frames) = await ReadUntil(source, _ => true);

        Assert.Equal((1, server.Url.Replace("://", "://***@", StringComparison.Ordinal)), (frames, source.Name));
    }

    [Fact]
    public async Task Read_NoImageForTwoSeconds_IsReportedUntilOneComes()
    {
        using var device = new Device(frames: 2, blocksAfter: 1);
        using var source = new LiveSource(_ => device, reports.Enqueue, TimeSpan.FromSeconds(300), time);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Task<bool> reading = StartReading(source, frame);
        time.Run(1999);
        Assert.Null(source.StallMessage);
        time.Run(1);
        time.RunUntilDue(1000);
        Assert.Equal("no image for 3 s, trying again", source.StallMessage);
        Assert.Equal("device: no image for 2 s; waiting for it.", Assert.Single(reports));

        device.Resume();
        Assert.True(await reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal("device: the image is back after 3.0 s.", reports.Last());
        Assert.Null(source.StallMessage);
    }

    [Fact]
    public async Task Read_CameraThatSendsNoMore_IsAnErrorAfterTenSeconds()
    {
        using var server = new MjpegServer(async viewer =>
        {
            await viewer.Send(1, DarkImage);
            await viewer.Stall();
        });
        using MjpegSource source = MjpegSource.TryOpen(server.Url, reports.Enqueue, TestContext.Current.CancellationToken, out _, out _, time)!;
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Task<bool> reading = Task.Run(() => source.Read(frame, out _), TestContext.Current.CancellationToken);
        time.AwaitTimer(10_000);
        time.Run(9_999);
        Assert.False(reading.IsCompleted);
        time.Run(1);

        Assert.Equal("no data for 10 s.", (await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))).Message);
    }

    [Fact]
    public async Task Read_SizeChanges_GivesEachFrameItsSize()
    {
        byte[] large = MjpegServer.Image(160, 120, Bright);
        using var server = new MjpegServer(async viewer =>
        {
            await viewer.Send(20, DarkImage);
            await viewer.Send(1000, large);
        });
        using IFrameSource source = FrameSources.Open(server.Url, reports.Enqueue, stop: TestContext.Current.CancellationToken);
        var sizes = new HashSet<(int Width, int Height, bool IsBright)>();
        await ReadUntil(source, frame => sizes.Add((frame.Width, frame.Height, IsBright(frame))) && sizes.Count == 2);

        Assert.Equal([(64, 48, false), (160, 120, true)], sizes);
        Assert.DoesNotContain(reports, IsReconnection);
    }

    [Fact]
    public async Task Read_CorruptImages_GoesOnWithTheNextGoodOne()
    {
        byte[] corrupt = [.. DarkImage];
        new Random(1).NextBytes(corrupt.AsSpan(corrupt.Length / 2));
        byte[] noImage = new byte[500];
        using var server = new MjpegServer(async viewer =>
        {
            await viewer.Send(10, DarkImage);
            await viewer.Send(5, corrupt);
            await viewer.Send(5, noImage);
            await viewer.Send(5, DarkImage[..(DarkImage.Length / 2)]);
            await viewer.Send(1000, BrightImage);
        });
        using IFrameSource source = FrameSources.Open(server.Url, reports.Enqueue, stop: TestContext.Current.CancellationToken);

        (_, int frames) = await ReadUntil(source, frame => IsBright(frame));
        Assert.True(frames >= 1);
        Assert.Single(reports, report => report.StartsWith($"{server.Url}: skipped damaged images: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Interrupted_ReturnsWhileTheDeviceBlocks()
    {
        using var device = new Device(frames: 1);
        using var source = new LiveSource(_ => device, reports.Enqueue, TimeSpan.FromSeconds(300));
        using var frame = new Frame();
        Assert.True(source.Read(frame, out TimeSpan first));
        Assert.Equal(TimeSpan.Zero, first);

        using var timer = new Timer(_ => source.Interrupt(), null, dueTime: 200, period: Timeout.Infinite);
        long start = Stopwatch.GetTimestamp();
        Assert.False(source.Read(frame, out _));
        source.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.1, 10);
        Assert.False(device.IsDisposed);    // still reading
    }

    [Fact]
    public async Task Read_NothingForTooLong_GivesUp()
    {
        using var device = new Device(frames: 1);
        using var source = new LiveSource(_ => device, reports.Enqueue, TimeSpan.FromSeconds(3), time);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));

        Task<bool> reading = StartReading(source, frame);
        time.RunUntilDue(2000);
        time.AwaitTimer(1000);
        time.Run(999);
        Assert.False(reading.IsCompleted);
        time.Run(1);

        IOException error = await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal("device: no image for 3 s; gave up. '--reconnect' sets how long to try.", error.Message);
        Assert.Equal("device: no image for 2 s; waiting for it.", Assert.Single(reports));
    }

    [Fact]
    public void Read_DeviceGone_TriesAtGrowingIntervals()
    {
        var attempts = new ConcurrentQueue<long>();
        using var device = new Device(frames: 1) { IsUnplugged = true };
        IFrameSource? plugged = device;
        using var source = new LiveSource(
            _ =>
            {
                attempts.Enqueue(time.GetTimestamp());
                return Interlocked.Exchange(ref plugged, null) ?? throw new UsageException("not there");
            },
            reports.Enqueue,
            TimeSpan.FromSeconds(60),
            time);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));
        Array.ForEach([500, 1000, 2000, 4000, 8000, 10_000, 10_000], time.RunUntilDue);
        time.AwaitTimer(10_000);
        Assert.Equal([0, 500, 1500, 3500, 7500, 15_500, 25_500, 35_500], attempts);

        time.Run(60_000 - 35_500);
        IOException error = Assert.Throws<IOException>(() => source.Read(frame, out _));
        Assert.Equal("device: no image for 60 s; gave up. '--reconnect' sets how long to try.", error.Message);
        Assert.Equal("device: unplugged. Trying again for up to 60 s.", Assert.Single(reports));
        Assert.True(device.IsDisposed);
    }

    [Fact]
    public void Read_NoReconnect_EndsAtOnceWithTheDevicesError()
    {
        using var device = new Device(frames: 2) { IsUnplugged = true };
        using var source = new LiveSource(_ => device, reports.Enqueue, TimeSpan.Zero);
        using var frame = new Frame();

        Assert.Equal("device: unplugged.", Assert.Throws<IOException>(() =>
        {
            while (source.Read(frame, out _))
            {
            }
        }).Message);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Read_NoReconnectAndConnectionCloses_IsTheEnd()
    {
        using var server = new MjpegServer(viewer => viewer.Send(20, DarkImage));
        using IFrameSource source = FrameSources.Open(server.Url, reports.Enqueue, reconnectSeconds: 0, stop: TestContext.Current.CancellationToken);

        (_, int frames) = await ReadUntil(source, _ => false);
        Assert.InRange(frames, 1, 20);
        Assert.DoesNotContain(reports, IsReconnection);
    }

    // Returns as soon as the read waits.
    private static Task<bool> StartReading(LiveSource source, Frame frame)
    {
        var answer = new TaskCompletionSource<bool>();
        var thread = new Thread(() =>
        {
            try
            {
                answer.SetResult(source.Read(frame, out _));
            }
            catch (IOException e)
            {
                answer.SetException(e);
            }
        });
        thread.Start();
        Assert.True(SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)));
        return answer.Task;
    }

    // On a busy machine a late image may be reported too.
    private static bool IsReconnection(string report) => report.Contains("Trying again", StringComparison.Ordinal);

    private static bool IsBright(Frame frame) => frame.View.Pixels[frame.View.Stride * (frame.Height / 4)] > 180;

    // Reads until a frame matches, or the source ends.
    private static Task<(List<TimeSpan> Times, int Frames)> ReadUntil(IFrameSource source, Func<Frame, bool> isWanted) => Task.Run(() =>
    {
        using var frame = new Frame();
        var times = new List<TimeSpan>();
        while (source.Read(frame, out TimeSpan timestamp))
        {
            times.Add(timestamp);
            if (isWanted(frame))
            {
                break;
            }
        }

        return (times, times.Count);
    }).WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>A device that delivers some frames, perhaps with a pause; then its read fails, or blocks until the device is disposed.</summary>
    private sealed class Device(int frames, int blocksAfter = int.MaxValue) : IFrameSource
    {
        private readonly ManualResetEventSlim end = new();
        private readonly ManualResetEventSlim resumed = new();
        private int framesRead;

        public bool IsUnplugged { get; init; }

        public bool IsDisposed { get; private set; }

        public string Name => "device";

        public double FramesPerSecond => 30;

        public bool IsLive => true;

        public bool Read(Frame frame, out TimeSpan timestamp)
        {
            timestamp = TimeSpan.Zero;
            if (framesRead == blocksAfter)
            {
                resumed.Wait();
            }

            if (framesRead++ >= frames)
            {
                if (IsUnplugged)
                {
                    throw new IOException("unplugged.");
                }

                end.Wait();
                return false;
            }

            using Frame image = Image.Decode(DarkImage);
            image.CopyTo(frame);
            return true;
        }

        /// <summary>Ends the pause.</summary>
        public void Resume() => resumed.Set();

        public void Dispose()
        {
            IsDisposed = true;
            resumed.Set();
            end.Set();
        }
    }
}
