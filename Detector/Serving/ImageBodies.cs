namespace MlNetEmotion.Detector.Serving;

/// <summary>Endpoint metadata: the request body is an image.</summary>
internal sealed class TakesImage;

/// <summary>The encoded image of a request.</summary>
internal sealed record ImageBody(ReadOnlyMemory<byte> Bytes)
{
    public static ReadOnlyMemory<byte> Of(HttpContext context) => context.Features.Get<ImageBody>()!.Bytes;
}

/// <summary>Reads request bodies before the rate limiter, so that slow senders do not block others. All bodies together are limited to
/// <see cref="ServeLimits.BodiesMegabytes"/>; none is written to disk.</summary>
internal sealed class ImageBodies
{
    public const string Field = "image";

    /// <summary>The error message while the memory for bodies is used up.</summary>
    public const string Full = "too many images are being sent at the moment; try again a little later";

    private const int ChunkBytes = 1 << 14;

    private readonly long maxHeld;
    private long held;

    public ImageBodies(ServeLimits limits, ServeMetrics metrics)
    {
        maxHeld = ServeLimits.Bytes(limits.BodiesMegabytes);
        metrics.Watch("mlnetemotion.bodies.held", "By", "Bytes received of images in progress.", () => Interlocked.Read(ref held));
    }

    public async Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<TakesImage>() is null)
        {
            await next(context);
            return;
        }

        using var share = new Share(this);
        UploadBody body = await UploadBody.OpenAsync(context.Request, Field, context.RequestAborted);
        using var image = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        int read;
        while ((read = await body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            if (!share.TryTake(read))
            {
                await Problem.Busy(context, Full, StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
                return;
            }

            image.Write(chunk, 0, read);
        }

        context.Features.Set(new ImageBody(image.GetBuffer().AsMemory(0, (int)image.Length)));
        await next(context);
    }

    /// <summary>A share of the memory, empty at first; disposing it frees what it has taken.</summary>
    internal sealed class Share(ImageBodies all) : IDisposable
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
