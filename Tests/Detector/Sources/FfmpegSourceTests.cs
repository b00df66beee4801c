using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class FfmpegSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> reports = [];
    private readonly ManualTime time = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public void Dispose()
    {
        listener.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Open_RecordingOnAServer_GivesItsFramesAndTimes()
    {
        string url = Serve(File.ReadAllBytes(VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 10)), isWhole: true);
        using IFrameSource source = FrameSources.Open(url, _ => { }, stop: TestContext.Current.CancellationToken);
        Assert.IsType<FfmpegSource>(source);
        Assert.Equal((false, 10, 25.0), (source.IsLive, source.FrameCount, source.FramesPerSecond));

        using var frame = new Frame();
        for (int i = 0; i < 10; i++)
        {
            Assert.True(source.Read(frame, out TimeSpan timestamp));
            Assert.Equal(40 * i, timestamp.TotalMilliseconds, 6);
            Assert.Equal((64, 48, 3), (frame.Width, frame.Height, frame.Mat.Channels()));

            // Left red, right blue; JPEG and 4:2:0 change the values.
            ReadOnlySpan<byte> row = frame.View.Pixels;
            Assert.True(row[(3 * 8) + 2] > 150 && row[3 * 8] < 60 && row[3 * 56] > 150 && row[(3 * 56) + 2] < 60);
        }

        Assert.False(source.Read(frame, out _));
    }

    [Fact]
    public void Open_RecordingThatDoesNotSayHowLongItIs_EndsAtItsEnd()
    {
        string clip = VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=2 -c:v mpeg2video -f mpegts");
        using IFrameSource source = FrameSources.Open(Serve(File.ReadAllBytes(clip), isWhole: true), _ => { }, reconnectSeconds: 0, stop: TestContext.Current.CancellationToken);
        Assert.False(source.IsLive);

        using var frame = new Frame();
        int frames = 0;
        while (source.Read(frame, out _))
        {
            frames++;
        }

        Assert.Equal(50, frames);
    }

    [Fact]
    public void Open_EndlessImages_IsLiveAndAnInterruptEndsIt()
    {
        byte[] images = [.. Enumerable.Repeat(MjpegServer.Image(64, 48, 200), 400).SelectMany(image => image)];
        using FfmpegSource source = Open(Serve(images, isWhole: false));
        Assert.True(source.IsLive);
        Assert.Null(source.FrameCount);

        using var frame = new Frame();
        Assert.True(source.Read(frame, out TimeSpan first));
        Assert.Equal(TimeSpan.Zero, first);
        Assert.InRange(frame.View.Pixels[0], 195, 205);
        using var timer = new Timer(_ => source.Interrupt(), null, dueTime: 500, period: Timeout.Infinite);
        while (source.Read(frame, out _))
        {
        }
    }

    [Fact]
    public void Open_ServerSendsNoVideo_SaysSo()
    {
        string url = Serve("shopping: milk"u8.ToArray(), isWhole: true);

        Assert.Equal($"{url}: cannot be reached, or is no video stream.", Assert.Throws<InvalidDataException>(() => Open(url)).Message);
    }

    [Fact]
    public void Read_PauseBetweenFrames_LosesNothing()
    {
        using FfmpegSource source = OpenClip(frames: 200, time);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));
        time.Run(60_000);

        int frames = 1;
        while (source.Read(frame, out _))
        {
            frames++;
        }

        Assert.Equal(200, frames);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Read_DecoderGivesNoSignOfLife_IsAnError()
    {
        using FfmpegSource source = OpenClip(frames: 4000, time);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));
        FfmpegProcess.Signal(Clip, "STOP");
        Task<int> reading = Task.Run(() => ReadAll(source), TestContext.Current.CancellationToken);
        while (!reading.IsCompleted)
        {
            time.Run(10_000);
            await Task.WhenAny(reading, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        IOException error = await Assert.ThrowsAsync<IOException>(() => reading);
        Assert.Matches($@"^{Regex.Escape(Clip)}: no data for 10 s; given up after \d+ frames? at \d+\.\d s\.$", error.Message);
        Assert.Empty(reports);
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 255)]    // ffmpeg's own exit code: it shuts down cleanly
    public void Read_DecoderIsEndedByAnotherProgram_IsAnError(string signal, int exitCode)
    {
        using FfmpegSource source = OpenClip(frames: 4000);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));
        FfmpegProcess.Signal(Clip, signal);

        Assert.Matches(
            $@"^{Regex.Escape(Clip)}: ffmpeg was ended by another program \(exit code {exitCode}\) after \d+ frames? at \d+\.\d s\.$", Assert.Throws<IOException>(() => ReadAll(source)).Message);
        Assert.Empty(reports);
    }

    [Fact]
    public void Read_DecoderAndReaderAreInterruptedTogether_IsTheEnd()
    {
        using FfmpegSource source = OpenClip(frames: 4000);
        using var frame = new Frame();
        Assert.True(source.Read(frame, out _));
        FfmpegProcess.Signal(Clip, "INT");
        // A dedicated thread, like .NET's signal handlers: on a busy machine the thread pool may delay a timer's callback for seconds.
        var interruption = new Thread(() =>
        {
            Thread.Sleep(300);
            source.Interrupt();
        });
        interruption.Start();

        ReadAll(source);
        interruption.Join();
        Assert.Empty(reports);
    }

    [Fact]
    public void Read_ConnectionBreaksOff_IsAnErrorRatherThanTheEnd()
    {
        byte[] clip = File.ReadAllBytes(VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=4 -c:v mpeg2video -f mpegts"));
        string url = Serve(clip, isWhole: true, sent: clip.Length / 2);
        using FfmpegSource source = FfmpegSource.TryOpen(url, reports.Add, isRecording: true, stop: TestContext.Current.CancellationToken)!;

        string message = Assert.Throws<IOException>(() => ReadAll(source)).Message;
        Assert.Matches($@"^{Regex.Escape(url)}: reading failed after \d+ frames? at \d\.\d s: .*Stream ends prematurely", message);
    }

    [Theory]
    [InlineData("401 Unauthorized", "the server refuses access (401 Unauthorized). Check the name and password in the address before the host: NAME:PASSWORD@HOST.")]
    [InlineData("403 Forbidden", "the server refuses access (403 Forbidden). Check the name and password in the address before the host: NAME:PASSWORD@HOST.")]
    [InlineData("404 Not Found", "the server answers 404 Not Found.")]
    public void Open_ServerRefuses_SaysWhy(string status, string expected)
    {
        string url = Serve([], isWhole: true, status);

        Assert.Equal($"{url}: {expected}", Assert.Throws<InvalidDataException>(() => FrameSources.Open(url, reports.Add, stop: TestContext.Current.CancellationToken)).Message);
        Assert.Equal($"{url}: {expected}", Assert.Throws<InvalidDataException>(() => Open(url)).Message);
    }

    [Fact]
    public async Task Open_ServerIsSilent_GivesUpAfterTenSeconds()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        listener.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";

        Task opening = Task.Run(() => FfmpegSource.TryOpen(url, reports.Add, stop: TestContext.Current.CancellationToken, time: time), TestContext.Current.CancellationToken);
        time.AwaitTimer(10_000);
        time.Run(9_999);
        Assert.False(opening.IsCompleted);
        time.Run(1);

        Assert.Equal($"{url}: no data for 10 s.", (await Assert.ThrowsAsync<IOException>(() => opening)).Message);
    }

    [Fact]
    public void Open_TransportStreamOnAServerSeveralTimes_IsRefused()
    {
        byte[] clip = File.ReadAllBytes(VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=1 -c:v mpeg2video -f mpegts"));
        string url = Serve(clip, isWhole: true);

        Assert.Equal(
            $"{url}: a recording of this format cannot be repeated from a server. Leave out '--loop', or fetch the file first.",
            Assert.Throws<UsageException>(() => FrameSources.Open(url, reports.Add, loop: 2, stop: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Open_EndlessImagesSeveralTimes_IsLiveAllTheSame()
    {
        byte[] images = [.. Enumerable.Repeat(MjpegServer.Image(64, 48, 200), 400).SelectMany(image => image)];
        using FfmpegSource source = FfmpegSource.TryOpen(Serve(images, isWhole: false), reports.Add, loop: 2, stop: TestContext.Current.CancellationToken)!;

        Assert.True(source.IsLive);
    }

    [Fact]
    public async Task Open_Pipe_IsReadOnceToItsEnd()
    {
        string clip = VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=2 -c:v mpeg2video -f mpegts");
        string pipe = await Pipe();
        Task writing = Task.Run(() => File.WriteAllBytes(pipe, File.ReadAllBytes(clip)), TestContext.Current.CancellationToken);
        using IFrameSource source = FrameSources.Open(pipe, reports.Add, stop: TestContext.Current.CancellationToken);

        Assert.Equal((false, null), (source.IsLive, source.FrameCount));
        Assert.Equal(50, ReadAll(source));
        Assert.Empty(reports);
        await writing;
    }

    [Theory]
    [InlineData("pipe.ts")]
    [InlineData("pipe.jpg")]
    public async Task Open_PipeWithoutAWriter_EndsWhenStopped(string name)
    {
        string pipe = await Pipe(name);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        Task reading = Task.Run(() =>
        {
            using IFrameSource source = FrameSources.Open(pipe, reports.Add, stop: stop.Token);
            using CancellationTokenRegistration interrupting = stop.Token.Register(source.Interrupt);
            Assert.Equal(0, ReadAll(source));
            stop.Token.ThrowIfCancellationRequested();
        }, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        for (int i = 0; i < 100 && FfmpegProcess.Find(pipe).Any(); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Empty(FfmpegProcess.Find(pipe));
    }

    [Fact]
    public async Task Open_PipeWhoseWriterIsSlow_SaysThatItWaits()
    {
        string pipe = await Pipe();
        byte[] clip = File.ReadAllBytes(VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=2 -c:v mpeg2video -f mpegts"));
        Task<int> reading = Task.Run(() =>
        {
            using FfmpegSource source = FfmpegSource.TryOpen(pipe, reports.Add, stop: TestContext.Current.CancellationToken, time: time)!;
            return ReadAll(source);
        }, TestContext.Current.CancellationToken);
        time.AwaitTimer(10_000);
        time.Run(9_999);
        Assert.Empty(reports);
        time.Run(1);
        Assert.Equal($"{pipe}: no data for 10 s; waiting for the program that writes it. Ctrl+C stops.", Assert.Single(reports));

        await File.WriteAllBytesAsync(pipe, clip, TestContext.Current.CancellationToken);
        Assert.Equal(50, await reading);
        Assert.Single(reports);
    }

    [Fact]
    public async Task Open_PipeSeveralTimes_IsRefused()
    {
        string pipe = await Pipe();

        Assert.Equal(
            $"{pipe}: a pipe can be read only once. Leave out '--loop', or name a file.",
            Assert.Throws<UsageException>(() => FrameSources.Open(pipe, reports.Add, loop: 2, stop: TestContext.Current.CancellationToken)).Message);
    }

    private string Clip => Path.Combine(folder.Root, "clip.mp4");

    private static int ReadAll(IFrameSource source)
    {
        using var frame = new Frame();
        int frames = 0;
        while (source.Read(frame, out _))
        {
            frames++;
        }

        return frames;
    }

    private FfmpegSource OpenClip(int frames, TimeProvider? time = null)
    {
        VideoFile.Encode(Clip, $"-f lavfi -i testsrc=size=320x240:rate=25:duration={frames / 25} -c:v mpeg4 -q:v 8");
        return FfmpegSource.TryOpen(Clip, reports.Add, stop: TestContext.Current.CancellationToken, time: time)!;
    }

    private async Task<string> Pipe(string name = "pipe.ts")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && FfmpegEncoder.Has("mjpeg"), "needs Linux, and ffmpeg on the PATH");
        string pipe = Path.Combine(folder.Root, name);
        Assert.Equal(0, (await ProgramProcess.Run("mkfifo", pipe)).ExitCode);
        return pipe;
    }

    private static FfmpegSource Open(string url) => FfmpegSource.TryOpen(url, _ => { }, stop: TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("no ffmpeg");

    // Each client gets the same content; if that is not the whole, repeatedly, as fast as it is read.
    private string Serve(byte[] content, bool isWhole, string status = "200 OK", int? sent = null)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        listener.Start();
        _ = Accept();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/stream";

        async Task Accept()
        {
            CancellationToken stop = TestContext.Current.CancellationToken;
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop);
                NetworkStream stream = client.GetStream();
                using var request = new StreamReader(stream, leaveOpen: true);
                while (await request.ReadLineAsync(stop) is { Length: > 0 })
                {
                }

                string length = isWhole ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n") : "";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{length}Connection: close\r\n\r\n"), stop);
                await stream.WriteAsync(content.AsMemory(0, sent ?? content.Length), stop);
                while (!isWhole)
                {
                    await stream.WriteAsync(content, stop);
                }
            }
        }
    }
}
