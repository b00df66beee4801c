using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace MlNetEmotion.Detector.Serving;

/// <summary><c>/api/stream</c>, a WebSocket: receives an image, sends its response, then receives the next. Images are independent of each other.</summary>
internal static class StreamEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.Map("/api/stream", ServeAsync)    // a GET; over HTTP/2 a CONNECT
            .RequireRateLimiting(RateLimits.Streams)
            .WithMetadata(TimeLimit.None)
            .ExcludeFromDescription();    // OpenAPI cannot describe WebSockets

    private static async Task ServeAsync(
        HttpContext context, Recognizer recognizer, ImageBodies bodies, ServeLimits limits, IHostApplicationLifetime lifetime, ILogger<Recognizer> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problem.WriteAsync(context, StatusCodes.Status426UpgradeRequired, "expected a WebSocket");
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(() => _ = CloseAsync(socket));
        try
        {
            var stream = new ImageStream(socket, recognizer, bodies, (int)ServeLimits.Bytes(limits.StreamMegabytes), logger);
            await stream.RunAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client disconnected, or the server stops.
        }
    }

    // Cancelling the pending receive would abort the connection; the client's reply to this close frame ends it instead.
    private static async Task CloseAsync(WebSocket socket)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "the server stops", CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            // Already closed.
        }
    }
}

/// <summary>The images of one socket. Each gets exactly one response, even if it fails, before the next is read.</summary>
internal sealed class ImageStream(WebSocket socket, Recognizer recognizer, ImageBodies bodies, int maxBytes, ILogger logger)
{
    private const int ChunkBytes = 1 << 16;

    private readonly ArrayBufferWriter<byte> image = new();

    /// <summary>Runs until the client closes the socket or sends an image that is too large.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            using var share = new ImageBodies.Share(bodies);
            if (await NextResponseAsync(share, stop) is not { } response)
            {
                return;
            }

            await socket.SendAsync(response, WebSocketMessageType.Text, endOfMessage: true, stop);
        }
    }

    // Null if the socket was closed.
    private async Task<byte[]?> NextResponseAsync(ImageBodies.Share share, CancellationToken stop)
    {
        image.ResetWrittenCount();
        bool hasRoom = true;
        long received = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(image.GetMemory(ChunkBytes), stop);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await (socket.State == WebSocketState.CloseReceived ? socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop) : Task.CompletedTask);
                return null;
            }

            received += part.Count;
            if (received > maxBytes)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"an image of a stream has at most {maxBytes} bytes", stop);
                return null;
            }

            // A message without room is still read to its end, so that the next one can be received.
            hasRoom = hasRoom && share.TryTake(part.Count);
            image.Advance(hasRoom ? part.Count : 0);
            if (part.EndOfMessage)
            {
                return part.MessageType != WebSocketMessageType.Binary ? Problem.ToJson("a text message; expected an image as a binary message")
                    : !hasRoom ? Problem.ToJson(ImageBodies.Full, StatusCodes.Status503ServiceUnavailable)
                    : await RecognizeAsync(stop);
            }
        }
    }

    private async Task<byte[]> RecognizeAsync(CancellationToken stop)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(await recognizer.RecognizeAsync(image.WrittenMemory, Search.Live, stop), JsonSerializerOptions.Web);
        }
        catch (InvalidDataException e)
        {
            return TextBody.Describe(image.WrittenSpan, contentType: null) is { } text
                ? Problem.ToJson($"the message is {text}; expected the image's own bytes", StatusCodes.Status415UnsupportedMediaType) : Problem.ToJson(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.StreamFailed(e);
            return Problem.ToJson(Problem.Unexpected, StatusCodes.Status500InternalServerError);
        }
    }
}
