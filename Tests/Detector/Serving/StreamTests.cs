using System.Net.WebSockets;
using System.Text.Json;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class StreamTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly ServerProcess server = shared.Process;

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    public async Task Image_AnswersAsTheFacesDo(string ending)
    {
        byte[] image = Upload.ThreeFaces(ending);
        using ServerProcess live = await ServerProcess.Start(["--detect-width", "400"]);    // the same width for both: by default, still images are searched at a larger one
        using ClientWebSocket socket = await live.OpenStream();

        JsonElement first = await Upload.Ask(socket, image);
        JsonElement again = await Upload.Ask(socket, image);

        (_, JsonElement expected) = await live.Post("/api/faces", image);
        Assert.Equal(3, first.GetProperty("faces").GetArrayLength());
        Assert.Equal(expected.GetProperty("faces").GetRawText(), first.GetProperty("faces").GetRawText());
        Assert.Equal(expected.GetProperty("faces").GetRawText(), again.GetProperty("faces").GetRawText());
    }

    [Fact]
    public async Task Message_ThatIsNoImage_IsToldAndTheNextIsAnswered()
    {
        using ClientWebSocket socket = await server.OpenStream();

        JsonElement damaged = await Upload.Ask(socket, [1, 2, 3]);
        JsonElement text = await Upload.Ask(socket, "hello"u8.ToArray(), WebSocketMessageType.Text);
        JsonElement good = await Upload.Ask(socket, Upload.ThreeFaces(".jpg"));

        Assert.Equal((422, "Unprocessable Entity"), (damaged.GetProperty("status").GetInt32(), damaged.GetProperty("title").GetString()));
        Assert.StartsWith("not an image of a known format", Upload.Detail(damaged), StringComparison.Ordinal);
        Assert.Equal("a text message; expected an image as a binary message", Upload.Detail(text));
        Assert.Equal(3, good.GetProperty("faces").GetArrayLength());
    }

    [Fact]
    public async Task Message_OfText_IsToldWhatIsExpected()
    {
        using ClientWebSocket socket = await server.OpenStream();

        JsonElement problem = await Upload.Ask(socket, System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(Upload.ThreeFaces(".jpg"))));

        Assert.Equal((415, "the message is base64 text; expected the image's own bytes"), (problem.GetProperty("status").GetInt32(), Upload.Detail(problem)));
    }

    [Fact]
    public async Task Message_WhileAllMemoryIsTaken_IsToldToComeAgainAndTheNextIsAnswered()
    {
        using ServerProcess small = await ServerProcess.Start(settings: "Limits__BodiesMegabytes=1");
        using ClientWebSocket socket = await small.OpenStream();

        JsonElement busy = await Upload.Ask(socket, new byte[1_100_000]);
        JsonElement good = await Upload.Ask(socket, Upload.ThreeFaces(".jpg"));

        Assert.Equal(
            (503, "too many images are being sent at the moment; try again a little later"), (busy.GetProperty("status").GetInt32(), Upload.Detail(busy)));
        Assert.Equal(3, good.GetProperty("faces").GetArrayLength());
    }

    [Fact]
    public async Task Message_TooLarge_ClosesTheSocketAlone()
    {
        using ServerProcess small = await ServerProcess.Start(settings: "Limits__StreamMegabytes=1");
        using ClientWebSocket socket = await small.OpenStream();

        Assert.Equal(422, (await Upload.Ask(socket, new byte[1_000_000])).GetProperty("status").GetInt32());    // of the maximum size, but not an image
        await socket.SendAsync(new byte[1_000_001], WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);
        await socket.ReceiveAsync(new byte[100], TestContext.Current.CancellationToken);

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
        using ClientWebSocket next = await small.OpenStream();
        Assert.Equal(3, (await Upload.Ask(next, Upload.ThreeFaces(".jpg"))).GetProperty("faces").GetArrayLength());
    }

    [Fact]
    public async Task Sockets_MoreThanAllowed_AreRefusedUntilOneIsClosed()
    {
        using ServerProcess few = await ServerProcess.Start(settings: "Limits__Streams=2");
        using ClientWebSocket first = await few.OpenStream();
        using ClientWebSocket second = await few.OpenStream();

        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => few.OpenStream());
        await second.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        using ClientWebSocket third = await OpenSoon(few);

        Assert.Contains("429", refused.Message, StringComparison.Ordinal);
        Assert.Equal(WebSocketState.Open, third.State);
    }

    [Fact]
    public async Task Stop_WhileAStreamIsOpen_SaysWhy()
    {
        using ServerProcess ended = await ServerProcess.Start();
        using ClientWebSocket socket = await ended.OpenStream();

        ended.Stop();
        await socket.ReceiveAsync(new byte[100], TestContext.Current.CancellationToken);

        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "the server stops"), (socket.CloseStatus, socket.CloseStatusDescription));
    }

    [Fact]
    public async Task Request_WithoutAWebSocket_IsToldWhatIsExpected()
    {
        (int status, JsonElement problem) = await server.Get("/api/stream");

        Assert.Equal((426, "expected a WebSocket"), (status, Upload.Detail(problem)));
    }

    // The slot is freed shortly after the socket is closed.
    private static async Task<ClientWebSocket> OpenSoon(ServerProcess server)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await server.OpenStream();
            }
            catch (WebSocketException) when (attempt < 100)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }
}
