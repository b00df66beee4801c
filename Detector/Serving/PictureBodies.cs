using Microsoft.AspNetCore.Http;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Marks an endpoint that takes a picture.</summary>
internal sealed class TakesPicture;

/// <summary>An encoded picture that a request brought.</summary>
internal sealed record PictureBody(ReadOnlyMemory<byte> Bytes)
{
    public static ReadOnlyMemory<byte> Of(HttpContext context) => context.Features.Get<PictureBody>()!.Bytes;
}

/// <summary>Reads pictures before a request takes its turn, so that slow senders hold up nobody; together they may hold only so much memory.
/// Nothing touches the disk.</summary>
internal sealed class PictureBodies
{
    public const string Field = "image";

    /// <summary>The error while the memory for pictures is full.</summary>
    public const string Full = "too many pictures are being sent at the moment; try again a little later";

    private const int ChunkBytes = 1 << 14;

    private readonly long maxHeld;
    private long held;

    public PictureBodies(ServeLimits limits, ServeMetrics metrics)
    {
        maxHeld = ServeLimits.Bytes(limits.BodiesMegabytes);
        metrics.Watch("mlnetemotion.bodies.held", "By", "What was received of pictures that are not done.", () => Interlocked.Read(ref held));
    }

    public async Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<TakesPicture>() is null)
        {
            await next(context);
            return;
        }

        using var share = new Share(this);
        UploadBody body = await UploadBody.OpenAsync(context.Request, Field, context.RequestAborted);
        using var picture = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        int read;
        while ((read = await body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (!share.TryTake(read))
            {
                await Problem.WriteBusyAsync(context, Full, StatusCodes.Status503ServiceUnavailable);
                return;
            }

            picture.Write(chunk, 0, read);
        }

        context.Features.Set(new PictureBody(picture.GetBuffer().AsMemory(0, (int)picture.Length)));
        await next(context);
    }

    /// <summary>A part of the memory, held until disposed.</summary>
    public Share Hold() => new(this);

    internal sealed class Share(PictureBodies all) : IDisposable
    {
        private long taken;

        public bool TryTake(int bytes)
        {
            taken += bytes;
            return Interlocked.Add(ref all.held, bytes) <= all.maxHeld;
        }

        public void Dispose() => Interlocked.Add(ref all.held, -taken);
    }
}
