using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using FormReader = Microsoft.AspNetCore.WebUtilities.MultipartReader;

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
        (Stream? body, string? fault) = await UploadBody.OpenAsync(context.Request, Field, context.RequestAborted);
        if (body is null)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, fault!);
            return;
        }

        using var picture = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        int read;
        while ((read = await UploadBody.ReadAsync(body, chunk, context.RequestAborted)) > 0)
        {
            if (!share.TryTake(read))
            {
                await Problem.WriteBusyAsync(context, "too many pictures are being sent at the moment", StatusCodes.Status503ServiceUnavailable);
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

/// <summary>What a request brings: its body, or a file's field of the form in it.</summary>
internal static class UploadBody
{
    private const int MaxBoundaryLength = 70;    // RFC 2046

    /// <summary>The upload's stream; null and why, where there is none.</summary>
    public static async Task<(Stream? Body, string? Fault)> OpenAsync(HttpRequest request, string field, CancellationToken stop)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return (request.Body, null);
        }

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > MaxBoundaryLength)
        {
            return (null, $"the form's boundary has {boundary.Length} characters, expected 1 to {MaxBoundaryLength}");
        }

        var form = new FormReader(boundary, request.Body);
        try
        {
            while (await form.ReadNextSectionAsync(stop) is { } section)
            {
                if (section.GetContentDispositionHeader() is { } header && header.IsFormDisposition() | header.IsFileDisposition() && HeaderUtilities.RemoveQuotes(header.Name) == field)
                {
                    return (section.Body, null);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Broken(e);
        }

        return (null, $"the form has no field '{field}'");
    }

    /// <exception cref="BadHttpRequestException">The form ends too early, or is none.</exception>
    public static async Task<int> ReadAsync(Stream body, Memory<byte> chunk, CancellationToken stop)
    {
        try
        {
            return await body.ReadAsync(chunk, stop);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Broken(e);
        }
    }

    private static BadHttpRequestException Broken(Exception e) => new("the form is damaged, or ends too early", StatusCodes.Status400BadRequest, e);
}
