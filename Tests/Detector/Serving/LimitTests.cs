using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class LimitTests
{
    private static readonly byte[] Face = Upload.Pgm(SampleFaces.Draw(seed: 5, index: 0));

    [Fact]
    public async Task Body_LargerThanAllowed_IsRefused()
    {
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__PictureMegabytes=1");

        (int status, JsonElement problem) = await server.Post("/api/faces", new byte[1_000_001]);

        Assert.Equal((413, "Content Too Large"), (status, problem.GetProperty("title").GetString()));
        Assert.Equal("the body is larger than the limit of 1 megabyte", Upload.Detail(problem));
        Assert.Equal(422, (await server.Post("/api/faces", new byte[1_000_000])).Status);    // of the maximum size, but not an image
    }

    [Fact]
    public async Task Bomb_IsRefusedByItsHeaderAndTakesNoMemory()
    {
        using ServerProcess server = await ServerProcess.Start();
        Assert.Equal(200, (await server.Post("/api/emotions", Face)).Status);
        long before = server.PeakMemory;

        (int status, JsonElement problem) = await server.Post("/api/faces", Upload.PngHeader(30_000, 30_000));

        Assert.Equal((422, "PNG of 30000x30000 pixels, larger than the limit of 50 megapixels"), (status, Upload.Detail(problem)));
        Assert.InRange(server.PeakMemory - before, 0, 50_000_000);    // its pixels would be 2.7 GB
    }

    [Fact]
    public async Task Requests_MoreThanTheQueueHolds_AreToldToComeAgain()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Limits__Requests=1", "Limits__Queue=1"]);
        byte[] slow = Encoding.ASCII.GetBytes("P5\n6000 6000\n255\n").Concat(new byte[36_000_000]).ToArray()[..19_000_000];    // slow to search, and truncated

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            server.Client.PostAsync("/api/emotions", new ByteArrayContent(slow), TestContext.Current.CancellationToken)));

        Assert.Equal([HttpStatusCode.UnprocessableEntity, HttpStatusCode.TooManyRequests], answers.Select(answer => answer.StatusCode).Distinct().Order());
        HttpResponseMessage refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal(("1", "application/problem+json"), (refused.Headers.RetryAfter!.ToString(), refused.Content.Headers.ContentType!.MediaType));
        Assert.Equal(200, (await server.Post("/api/emotions", Face)).Status);
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Bodies_TooManyAtATime_AreToldToComeAgain()
    {
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__BodiesMegabytes=1");
        using TcpClient slow = await Send(server, "Content-Length: 1000000", new byte[900_000]);
        await Eventually(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains("""Emotion"} 900000""", StringComparison.Ordinal));
        byte[] image = [.. "P5\n400 300\n255\n"u8, .. new byte[120_000]];

        Assert.Equal(503, (await server.Post("/api/emotions", image)).Status);
        Assert.Equal(200, (await server.Post("/api/emotions", Face)).Status);    // a small body is accepted
        slow.Close();
        await Eventually(async () => (await server.Post("/api/emotions", image)).Status == 200);
    }

    [Fact]
    public async Task SlowClient_IsGivenUpAfterTheTime()
    {
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__RequestSeconds=1");
        using TcpClient slow = await Send(server, "Content-Length: 1000", new byte[10]);

        string answer = await ReadAnswer(slow);

        Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
        Assert.Contains("not done within 1 s", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowClient_OverAPauseOfTheServer_IsNotGivenUp()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__RequestSeconds=3");
        using TcpClient slow = await Send(server, $"Content-Length: {Face.Length}", Face[..100]);
        await Eventually(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains("""Emotion"} 100""", StringComparison.Ordinal));

        server.Signal("STOP");
        await Task.Delay(4000, TestContext.Current.CancellationToken);    // longer than the request timeout
        server.Signal("CONT");
        await Task.Delay(500, TestContext.Current.CancellationToken);
        await slow.GetStream().WriteAsync(Face.AsMemory(100), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200", await ReadAnswer(slow), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowClients_MoreThanRequestsAtATime_HoldUpNobody()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Limits__Requests=2", "Limits__Queue=2"]);
        var slow = new List<TcpClient>();
        for (int i = 0; i < 50; i++)
        {
            slow.Add(await Send(server, "Content-Length: 1000", new byte[10]));
        }

        var clock = Stopwatch.StartNew();
        (int status, _) = await server.Post("/api/emotions", Face);

        Assert.Equal(200, status);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 4);    // the timeout is 5 s at the earliest
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Sockets_AThousandThatDoNothing_HoldUpNobody()
    {
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__Streams=1000");
        Assert.Equal(200, (await server.Post("/api/emotions", Face)).Status);
        long before = server.PeakMemory;
        var idle = new List<TcpClient>();
        for (int i = 0; i < 1000; i++)
        {
            // Half of them are streams that send nothing.
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(i % 2 == 0 ? "GET / HT" :
                "GET /api/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), TestContext.Current.CancellationToken);
            idle.Add(client);
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await server.Post("/api/emotions", Face)).Status);
        }

        Assert.InRange(server.PeakMemory - before, 0, 200_000_000);
        idle.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Connections_BetweenTwoRequestsOrWithinAHead_StayOpen()
    {
        using ServerProcess server = await ServerProcess.Start();
        using var kept = new TcpClient();
        using var begun = new TcpClient();
        const string Request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
        await kept.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        await begun.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        await kept.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request + "\r\n"), TestContext.Current.CancellationToken);
        await begun.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request), TestContext.Current.CancellationToken);
        await Task.Delay(3000, TestContext.Current.CancellationToken);    // Kestrel checks once per second

        await kept.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request + "Connection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        await begun.GetStream().WriteAsync("Connection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(2, (await ReadAnswer(kept)).Split("HTTP/1.1 200 OK").Length - 1);
        Assert.StartsWith("HTTP/1.1 200 OK", await ReadAnswer(begun), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_MoreThanAllowed_AreClosed()
    {
        using ServerProcess server = await ServerProcess.Start(settings: "Limits__Connections=2");
        using var first = new TcpClient();
        using var second = new TcpClient();
        using var third = new TcpClient();
        TcpClient[] all = [first, second, third];
        foreach (TcpClient client in all)
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        }

        Task<int>[] reads = [.. all.Select(client => client.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask())];
        Task<int> closed = await Task.WhenAny(reads);

        Assert.Equal(0, await closed);
        Assert.Equal(1, reads.Count(read => read.IsCompleted));    // which one depends on the server's threads
    }

    private static async Task<TcpClient> Send(ServerProcess server, string header, byte[] part)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/emotions HTTP/1.1\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(part, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<string> ReadAnswer(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        for (int attempt = 0; !await isSo(); attempt++)
        {
            Assert.True(attempt < 100);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
