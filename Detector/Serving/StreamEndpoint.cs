using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MlNetEmotion.Detector.Serving;

/// <summary><c>/api/stream</c>, a WebSocket: a picture in, its answer out, then the next. Nothing is remembered from one to the next.</summary>
internal static class StreamEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.Map("/api/stream", ServeAsync)    // a GET; over HTTP/2 a CONNECT
            .RequireRateLimiting(RateLimits.Streams)
            .WithMetadata(TimeLimit.None)
            .ExcludeFromDescription();    // OpenAPI knows no WebSockets

    private static async Task ServeAsync(
        HttpContext context, Recognizer recognizer, PictureBodies bodies, ServeLimits limits, IHostApplicationLifetime lifetime, ILogger<Recognizer> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problem.WriteAsync(context, StatusCodes.Status426UpgradeRequired, "expected a WebSocket");
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(() => _ = SayGoodbyeAsync(socket));
        try
        {
            var stream = new PictureStream(socket, recognizer, bodies, (int)ServeLimits.Bytes(limits.StreamMegabytes), logger);
            await stream.AnswerAllAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client has gone, or the server goes.
        }
    }

    // A receive that is cancelled would tear the connection down; the client's answer to this ends it instead.
    private static async Task SayGoodbyeAsync(WebSocket socket)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "the server stops", CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }
}

/// <summary>One socket's pictures. Each gets one answer, whatever happens to it, and then the next is read.</summary>
internal sealed class PictureStream(WebSocket socket, Recognizer recognizer, PictureBodies bodies, int maxBytes, ILogger logger)
{
    private const int ChunkBytes = 1 << 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ArrayBufferWriter<byte> picture = new();

    /// <summary>Answers until the client closes the socket, or sends a picture that is too large.</summary>
    public async Task AnswerAllAsync(CancellationToken stop)
    {
        while (true)
        {
            using PictureBodies.Share share = bodies.Hold();
            if (await NextAnswerAsync(share, stop) is not { } answer)
            {
                return;
            }

            await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, stop);
        }
    }

    // Null where the socket was closed.
    private async Task<byte[]?> NextAnswerAsync(PictureBodies.Share share, CancellationToken stop)
    {
        picture.ResetWrittenCount();
        bool hasRoom = true;
        long received = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(picture.GetMemory(ChunkBytes), stop);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await (socket.State == WebSocketState.CloseReceived ? socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop) : Task.CompletedTask);
                return null;
            }

            received += part.Count;
            if (received > maxBytes)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"a picture of a stream has at most {maxBytes} bytes", stop);
                return null;
            }

            // What there is no room for is read to its end, so that the next picture can come.
            hasRoom = hasRoom && share.TryTake(part.Count);
            picture.Advance(hasRoom ? part.Count : 0);
            if (part.EndOfMessage)
            {
                return part.MessageType != WebSocketMessageType.Binary ? Problem.ToJson("a text message; expected a binary one, a picture")
                    : !hasRoom ? Problem.ToJson(PictureBodies.Full, StatusCodes.Status503ServiceUnavailable)
                    : await AnswerAsync(stop);
            }
        }
    }

    private async Task<byte[]> AnswerAsync(CancellationToken stop)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(await recognizer.RecognizeAsync(picture.WrittenMemory, Search.Live, stop), Json);
        }
        catch (InvalidDataException e)
        {
            return TextBody.Describe(picture.WrittenSpan, contentType: null) is { } text
                ? Problem.ToJson($"the message is {text}; expected the picture's own bytes", StatusCodes.Status415UnsupportedMediaType) : Problem.ToJson(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.StreamFailed(e);
            return Problem.ToJson(Problem.Unexpected, StatusCodes.Status500InternalServerError);
        }
    }
}
