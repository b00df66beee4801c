using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The Detector as a server process, on a separate port.</summary>
internal sealed class ServerProcess : ProgramProcess
{
    private static readonly string[] Defaults = ["serve", "--no-open", "--model", Fixture.Model("tiny")];

    private ServerProcess(ProcessStartInfo start)
        : base(start)
    {
    }

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public Uri Address => Client.BaseAddress!;

    /// <summary>Starts a server with a small model, and waits until it listens.</summary>
    /// <param name="settings">Environment variables, including limits such as <c>Limits__Megapixels=4</c>.</param>
    public static async Task<ServerProcess> Start(string[]? args = null, string urls = "http://127.0.0.1:0", params string[] settings)
    {
        ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, [.. Defaults, "--urls", urls, .. args ?? []]);
        foreach (string[] setting in settings.Select(setting => setting.Split('=', 2)))
        {
            start.Environment[setting[0]] = setting[1];
        }

        return await Start(start);
    }

    /// <summary>Starts a server as on a fresh machine, with only the files shipped with the program, and waits until it listens.</summary>
    public static Task<ServerProcess> StartFresh(string home, bool hasOpenCv = true) =>
        Start(DetectorProcess.StartFresh(home, hasOpenCv, "serve", "--no-open", "--urls", "http://127.0.0.1:0"));

    public async Task<(int Status, JsonElement Body)> Post(string path, byte[] body)
    {
        using HttpResponseMessage response = await Client.PostAsync(path, new ByteArrayContent(body), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<(int Status, JsonElement Body)> Get(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    public async Task<ClientWebSocket> OpenStream(string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}/api/stream"), TestContext.Current.CancellationToken);
        return socket;
    }

    public void Stop() => Signal("TERM");

    private static async Task<ServerProcess> Start(ProcessStartInfo start)
    {
        var server = new ServerProcess(start);
        string line = await server.WaitForLine("serving on ");
        server.Client.BaseAddress = new Uri(line.Split(' ')[2].TrimEnd(';'));
        return server;
    }
}

/// <summary>A server shared by the tests of a class.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal ServerProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Process = await ServerProcess.Start();

    public ValueTask DisposeAsync()
    {
        Process.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Requests and expected responses.</summary>
internal static class Upload
{
    /// <summary>A frame of the demo clip, with three faces, as an encoded image.</summary>
    public static byte[] ThreeFaces(string ending)
    {
        using var source = new DemoSource();
        using var frame = new Frame();
        source.Read(frame, out _);
        Cv2.ImEncode(ending, frame.Mat, out byte[] file);
        return file;
    }

    /// <summary>A hand-made 48×48 gray face as binary PGM.</summary>
    public static byte[] Pgm(byte[] face) => [.. Encoding.ASCII.GetBytes("P5\n48 48\n255\n"), .. face];

    /// <summary>The first bytes of a PNG that claims a size but has no pixels.</summary>
    public static byte[] PngHeader(int width, int height)
    {
        byte[] header = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(20), height);
        return header;
    }

    /// <summary>The expected response for a face, computed by the model directly.</summary>
    public static Dictionary<string, decimal> Expected(EmotionScores scores) => Emotions.Labels.Index().ToDictionary(
        label => label.Item, label => decimal.Round((decimal)scores[(Emotion)label.Index], 6, MidpointRounding.AwayFromZero));

    public static Dictionary<string, decimal> Probabilities(JsonElement answer) =>
        answer.GetProperty("probabilities").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetDecimal());

    public static string Detail(JsonElement problem) => problem.GetProperty("detail").GetString()!;

    /// <summary>Sends a message on a stream and receives the response.</summary>
    public static async Task<JsonElement> Ask(ClientWebSocket socket, byte[] message, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        await socket.SendAsync(message, type, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[1 << 16];
        WebSocketReceiveResult received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.True(received.EndOfMessage);
        return JsonElement.Parse(Encoding.UTF8.GetString(answer, 0, received.Count));
    }
}
