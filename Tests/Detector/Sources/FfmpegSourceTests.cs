using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class FfmpegSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
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
        using IFrameSource source = FrameSources.Open(url, _ => { });
        Assert.IsType<FfmpegSource>(source);
        Assert.Equal((false, 10, 25.0), (source.IsLive, source.FrameCount, source.FramesPerSecond));

        using var frame = new Frame();
        for (int i = 0; i < 10; i++)
        {
            Assert.True(source.Read(frame, out TimeSpan timestamp));
            Assert.Equal(40 * i, timestamp.TotalMilliseconds, 6);
            Assert.Equal((64, 48, 3), (frame.Width, frame.Height, frame.Channels));

            // Left red, right blue; JPEG and 4:2:0 take their share.
            ReadOnlySpan<byte> row = frame.View.Pixels;
            Assert.True(row[(3 * 8) + 2] > 150 && row[3 * 8] < 60 && row[3 * 56] > 150 && row[(3 * 56) + 2] < 60);
        }

        Assert.False(source.Read(frame, out _));
    }

    [Fact]
    public void Open_RecordingThatDoesNotSayHowLongItIs_EndsAtItsEnd()
    {
        string clip = VideoFile.Encode(Path.Combine(folder.Root, "clip.ts"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=2 -c:v mpeg2video -f mpegts");
        using IFrameSource source = FrameSources.Open(Serve(File.ReadAllBytes(clip), isWhole: true), _ => { }, reconnectSeconds: 0);
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
    public void Open_EndlessPictures_IsLiveAndAnInterruptEndsIt()
    {
        byte[] pictures = [.. Enumerable.Repeat(MjpegServer.Picture(64, 48, 200), 400).SelectMany(picture => picture)];
        using FfmpegSource source = Open(Serve(pictures, isWhole: false));
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

    private static FfmpegSource Open(string url) => FfmpegSource.TryOpen(url, _ => { }) ?? throw new InvalidOperationException("no ffmpeg");

    // Each viewer gets the same; where that is not the whole, again and again, as fast as it is taken.
    private string Serve(byte[] content, bool isWhole)
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
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n"), stop);
                await stream.WriteAsync(content, stop);
                while (!isWhole)
                {
                    await stream.WriteAsync(content, stop);
                }
            }
        }
    }
}
