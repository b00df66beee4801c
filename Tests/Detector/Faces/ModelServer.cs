using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MlNetEmotion.Detector.Faces;

namespace MlNetEmotion.Tests.Detector.Faces;

/// <summary>A server on loopback that sends one model file, or a faulty response, and then closes the connection.</summary>
internal sealed class ModelServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();

    public ModelServer(params Func<NetworkStream, CancellationToken, Task>[] answers)
    {
        listener.Start();
        Model = Published(((IPEndPoint)listener.LocalEndpoint).Port);
        _ = Serve(answers);
    }

    /// <summary>The content of the published file.</summary>
    public static byte[] Content { get; } = RandomNumberGenerator.GetBytes(200_000);

    public PublishedModel Model { get; }

    public static PublishedModel Published(int port) =>
        new($"http://127.0.0.1:{port}/models/face.onnx", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)), "ours");

    public static Func<NetworkStream, CancellationToken, Task> Sends(string head, byte[] body) =>
        async (stream, stop) => await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"), .. body], stop);

    public static Func<NetworkStream, CancellationToken, Task> SendsHalf(TaskCompletionSource half) => async (stream, stop) =>
    {
        await Sends("200 OK", Content[..(Content.Length / 2)])(stream, stop);
        half.SetResult();
        await Task.Delay(Timeout.Infinite, stop);
    };

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
    }

    private async Task Serve(Func<NetworkStream, CancellationToken, Task>[] answers)
    {
        foreach (Func<NetworkStream, CancellationToken, Task> answer in answers)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
            NetworkStream stream = client.GetStream();
            using var request = new StreamReader(stream, leaveOpen: true);
            while (await request.ReadLineAsync(stop.Token) is { Length: > 0 })
            {
                // The same response to every request.
            }

            await answer(stream, stop.Token);
        }
    }
}
