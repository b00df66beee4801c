using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Tests.Detector.Sources;

/// <summary>A fake network camera: Motion JPEG over HTTP on loopback, with faults chosen by the test.</summary>
internal sealed class MjpegServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Viewer, Task>[] connections;
    private int next;

    /// <summary>Starts listening.</summary>
    /// <param name="connections">The behaviour of each connection in order; the last one is repeated.</param>
    public MjpegServer(params Func<Viewer, Task>[] connections)
    {
        this.connections = connections;
        listener.Start();
        _ = Accept();
    }

    /// <summary>The header that viewers must send; null for none.</summary>
    public string? Authorization { get; init; }

    /// <summary>Completes when a connection has sent its last image and stays open.</summary>
    public Task Stalled => stalled.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/camera.mjpg";

    /// <summary>A uniformly gray image.</summary>
    public static byte[] Image(int width, int height, byte gray)
    {
        var pixels = new byte[width * height];
        Array.Fill(pixels, gray);
        using Frame mat = Frame.FromPixels(new ImageView(pixels, width, height, PixelFormat.Gray8));
        return mat.Mat.ImEncode(".jpg");
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
    }

    private async Task Accept()
    {
        while (!stop.IsCancellationRequested)
        {
            _ = Serve(await listener.AcceptTcpClientAsync(stop.Token), connections[Math.Min(next++, connections.Length - 1)]);
        }
    }

    private async Task Serve(TcpClient client, Func<Viewer, Task> play)
    {
        using (client)
        {
            try
            {
                var viewer = new Viewer(client.GetStream(), () => stalled.TrySetResult(), stop.Token);
                await viewer.Greet(Authorization);
                await play(viewer);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client disconnected, or the test has ended.
            }
        }
    }

    /// <summary>A connected client.</summary>
    internal sealed class Viewer(NetworkStream stream, Action onStall, CancellationToken stop)
    {
        private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(20);

        public async Task Greet(string? authorization)
        {
            using var request = new StreamReader(stream, leaveOpen: true);
            var lines = new List<string>();
            while (await request.ReadLineAsync(stop) is { Length: > 0 } line)
            {
                lines.Add(line);
            }

            if (authorization is not null && !lines.Contains($"Authorization: {authorization}"))
            {
                await stream.WriteAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), stop);
                throw new IOException("unauthorized");
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n"u8.ToArray(), stop);
        }

        /// <summary>Sends images, 50 per second.</summary>
        public async Task Send(int frames, params byte[] jpeg)
        {
            for (int i = 0; i < frames; i++)
            {
                string header = string.Create(CultureInfo.InvariantCulture, $"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {jpeg.Length}\r\n\r\n");
                await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(header), .. jpeg, .. "\r\n"u8], stop);
                await Task.Delay(FrameTime, stop);
            }
        }

        /// <summary>Keeps the connection open and sends nothing.</summary>
        public Task Stall()
        {
            onStall();
            return Task.Delay(Timeout.Infinite, stop);
        }
    }
}
