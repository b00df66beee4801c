using System.Buffers.Binary;
using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The endpoints for videos: a video is uploaded, then processed in the background while the client polls its state and reads its events.</summary>
internal static class VideoEndpoints
{
    /// <summary>The error message for the id of no video.</summary>
    public const string NoVideo = "there is no such video, or it has been deleted";

    /// <summary>The error message while the disk is full.</summary>
    public const string NoSpace = "the server has no disk space for the video at the moment";

    private const string Field = "video";
    private const string Id = "The `id` in the response to the video's upload.";
    private const int ChunkBytes = 1 << 16;
    private const int MagicBytes = 189;

    private const string AtCapacity = "the server holds its maximum number of videos, and none is done; wait, or delete one";

    private static readonly TimeSpan EventInterval = TimeSpan.FromMilliseconds(100);

    public static void Map(IEndpointRouteBuilder routes, ServeLimits limits)
    {
        RouteGroupBuilder videos = routes.MapGroup("/api/videos").WithTags(ApiTags.Videos);
        videos.MapPost("", ReceiveAsync)
            .WithName("sendVideo")
            .TakesFile(Field, exampleUrl: ApiExamples.VideoUrl)
            .WithExample(ApiExamples.Video(VideoState.Waiting, frames: 0), location: true)
            .WithMetadata(new RequestSizeLimitAttribute(ServeLimits.Bytes(limits.VideoMegabytes)))
            .WithMetadata(new TimeLimit(limits.VideoUploadSeconds))
            .RefusesFiles(StatusCodes.Status507InsufficientStorage)
            .WithSummary("Send a video")
            .WithDescription("The body is the video (MP4, MOV, MKV, WebM, AVI, MPEG, MPEG-TS, Ogg), or a form (multipart/form-data) with it as the only file, in the field `video`.");
        videos.MapGet("/{id}", Get)
            .WithName("getVideo")
            .WithExample(ApiExamples.Video(VideoState.Running, frames: 120))
            .Refuses(StatusCodes.Status404NotFound)
            .WithSummary("The state and progress of a video");
        videos.MapGet("/{id}/events", StreamEventsAsync)
            .WithName("getVideoEvents")
            .Produces<FaceEvent>(StatusCodes.Status200OK, "application/jsonl")
            .WithExample(ApiExamples.Event)
            .Refuses(StatusCodes.Status404NotFound)
            .WithSummary("The events of a video as JSON lines, one per face and frame, until it is done")
            .WithDescription("Each line is one event: read the body line by line, not as one JSON document. A connection that is aborted means that there are more events.")
            .WithMetadata(TimeLimit.None);
        videos.MapDelete("/{id}", Delete)
            .WithName("deleteVideo")
            .Refuses(StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound)
            .WithSummary("Stop and delete a video");
    }

    private static ProblemHttpResult Unknown() => TypedResults.Problem(NoVideo, statusCode: StatusCodes.Status404NotFound);

    private static Results<Ok<VideoResponse>, ProblemHttpResult> Get([Description(Id)] string id, VideoJobs jobs, HttpRequest request) =>
        jobs.Find(id) is { } job ? TypedResults.Ok(job.Response.Under(request.PathBase)) : Unknown();

    private static Results<NoContent, ProblemHttpResult> Delete([Description(Id)] string id, VideoJobs jobs)
    {
        if (jobs.Find(id) is not { } job)
        {
            return Unknown();
        }

        jobs.Remove(job);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Accepted<VideoResponse>, ProblemHttpResult>> ReceiveAsync(HttpContext context, VideoJobs jobs, VideoUploads uploads)
    {
        using VideoUpload? upload = jobs.HasCapacity ? uploads.TryBegin(context.RequestAborted) : null;
        if (upload is null)
        {
            return Problem.Busy(context, jobs.HasCapacity ? "the maximum number of videos is being uploaded; try again a little later" : AtCapacity);
        }

        VideoJob job = jobs.Create();
        bool isStarted = false;
        try
        {
            UploadBody body = await UploadBody.OpenAsync(context.Request, Field, upload.Stopped);
            if (await SaveAsync(body, job.VideoPath, upload) is { } start)
            {
                return TextBody.Describe(start.Span, context.Request.ContentType) is { } text ? Problem.UnexpectedText(text, "video", Field)
                    : Problem.Unusable("not a video of a known format (MP4, MOV, MKV, WebM, AVI, MPEG, MPEG-TS, Ogg)");
            }

            isStarted = jobs.TryStart(job);
            return isStarted ? TypedResults.Accepted($"{context.Request.PathBase}/api/videos/{job.Id}", job.Response.Under(context.Request.PathBase)) : Problem.Busy(context, AtCapacity);
        }
        catch (OperationCanceledException) when (upload.IsEvicted && !context.RequestAborted.IsCancellationRequested)
        {
            return Problem.Busy(
                context, $"the maximum number of uploads was reached, and this one was slower than {uploads.SlowRate / 1000:0} kB/s: it was stopped in favor of another",
                StatusCodes.Status503ServiceUnavailable);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            return TypedResults.Problem(NoSpace, statusCode: StatusCodes.Status507InsufficientStorage);
        }
        finally
        {
            if (!isStarted)
            {
                job.Dispose();
            }
        }
    }

    // Null if the body was saved; otherwise its first bytes, which are not those of a video.
    private static async Task<ReadOnlyMemory<byte>?> SaveAsync(UploadBody body, string path, VideoUpload upload)
    {
        var chunk = new byte[ChunkBytes];
        int filled = 0;
        int read;
        while (filled < MagicBytes && (read = await body.ReadAsync(chunk.AsMemory(filled), upload.Stopped)) > 0)
        {
            filled += read;
        }

        if (!IsVideo(chunk.AsSpan(0, filled)))
        {
            return chunk.AsMemory(0, filled);
        }

        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        for (read = filled; read > 0; read = await body.ReadAsync(chunk, upload.Stopped))
        {
            upload.Count(read);
            await file.WriteAsync(chunk.AsMemory(0, read), upload.Stopped);
        }

        return null;
    }

    // Checks the first bytes: ffmpeg would also read playlists and stream descriptions, which make it open other files.
    private static bool IsVideo(ReadOnlySpan<byte> start) => start.Length >= MagicBytes
        && (start[4..8].SequenceEqual("ftyp"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(start) is 0x1A45DFA3 or 0x000001BA or 0x000001B3 or 0x4F676753    // Matroska and WebM, MPEG, Ogg
            || (start[..4].SequenceEqual("RIFF"u8) && start[8..12].SequenceEqual("AVI "u8))
            || (start[0] == 0x47 && start[188] == 0x47));    // the sync bytes of two MPEG-TS packets

    private static async Task StreamEventsAsync(HttpContext context, [Description(Id)] string id, VideoJobs jobs, IHostApplicationLifetime lifetime)
    {
        VideoJob? job = jobs.Find(id);
        await using FileStream? events = job is null ? null : Open(job.EventsPath);
        if (job is null || events is null)
        {
            await Unknown().ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "application/jsonl";
        if (HeadRequest.Is(context))
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        bool isComplete = false;
        while (!isComplete && !stop.IsCancellationRequested)
        {
            isComplete = job.Completion.IsCompleted;    // checked before reading, so that no event is missed
            await events.CopyToAsync(context.Response.Body, CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
            await Task.WhenAny(job.Completion, Task.Delay(EventInterval, stop.Token));
        }

        if (!isComplete)
        {
            context.Abort();    // a normal end would look complete
        }
    }

    // Null if the video has just been deleted.
    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
