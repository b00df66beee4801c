using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace MlNetEmotion.Detector.Serving;

/// <summary><c>/api/stream</c>, a WebSocket: a picture in, its answer out, then the next. Nothing is remembered from one to the next.</summary>
internal static class StreamEndpoint
{
    private const int ChunkBytes = 1 << 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.Map("/api/stream", ServeAsync)    // a GET; over HTTP/2 a CONNECT
            .RequireRateLimiting(RateLimits.Streams)
            .DisableRequestTimeout()
            .ExcludeFromDescription();    // OpenAPI knows no WebSockets

    private static async Task ServeAsync(HttpContext context, Recognizer recognizer, PictureBodies bodies, ServeLimits limits, IHostApplicationLifetime lifetime)
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
            await AnswerAllAsync(socket, recognizer, bodies, (int)ServeLimits.Bytes(limits.StreamMegabytes), context.RequestAborted);
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

    private static async Task AnswerAllAsync(WebSocket socket, Recognizer recognizer, PictureBodies bodies, int maxBytes, CancellationToken stop)
    {
        var picture = new ArrayBufferWriter<byte>();
        while (true)
        {
            picture.ResetWrittenCount();
            using PictureBodies.Share share = bodies.Hold();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(picture.GetMemory(ChunkBytes), stop);
                picture.Advance(part.Count);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await (socket.State == WebSocketState.CloseReceived ? socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop) : Task.CompletedTask);
                    return;
                }

                if (picture.WrittenCount > maxBytes || !share.TryTake(part.Count))
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"a picture of a stream has at most {maxBytes} bytes", stop);
                    return;
                }
            }
            while (!part.EndOfMessage);

            byte[] answer = part.MessageType == WebSocketMessageType.Binary
                ? await AnswerAsync(recognizer, picture.WrittenMemory, stop)
                : Problem.ToJson("a text message; expected a binary one, a picture");
            await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, stop);
        }
    }

    private static async Task<byte[]> AnswerAsync(Recognizer recognizer, ReadOnlyMemory<byte> picture, CancellationToken stop)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(await recognizer.RecognizeAsync(picture, Search.Live, stop), Json);
        }
        catch (InvalidDataException e)
        {
            return Problem.ToJson(e.Message);
        }
    }
}
