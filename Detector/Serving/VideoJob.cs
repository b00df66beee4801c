using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Serving;

[JsonConverter(typeof(JsonStringEnumConverter<VideoState>))]
internal enum VideoState
{
    /// <summary>Waiting for other videos.</summary>
    Waiting,
    Running,
    Done,

    /// <summary>The video could not be read, or not to its end; the remark gives the reason. The events so far are kept.</summary>
    Failed,
}

/// <summary>The state and progress of a video.</summary>
/// <param name="Frames">The number of frames done.</param>
/// <param name="FrameCount">The estimated total number of frames; null if unknown.</param>
/// <param name="Faces">The number of faces found so far, summed over all frames.</param>
/// <param name="Message">Errors, and warnings about the file; null if there are none.</param>
/// <param name="Events">The URL of the events.</param>
internal sealed record VideoResponse(
    string Id, VideoState State, long Frames, long? FrameCount, long Faces, [property: JsonPropertyName("remark")] string? Message, string Events)
{
    /// <summary>The same with URLs under a path, as a client of a proxy needs them.</summary>
    public VideoResponse Under(PathString path) => path.HasValue ? this with { Events = path + Events } : this;
}

/// <summary>An uploaded video and its results. Its files are named by its ID, never by the client. Thread-safe, except that <see cref="Run"/> may be called
/// only once.</summary>
internal sealed class VideoJob : IDisposable
{
    private const int MaxMessageLength = 1000;

    private readonly string folder;
    private readonly UploadFiles files;
    private readonly TaskCompletionSource<long> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private volatile VideoResponse response;

    public VideoJob(string folder, UploadFiles files)
    {
        (this.folder, this.files) = (folder, files);
        response = new VideoResponse(Id, VideoState.Waiting, Frames: 0, FrameCount: null, Faces: 0, Message: null, $"/api/videos/{Id}/events");
    }

    public string Id { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);
    public string VideoPath => Path.Combine(folder, Id);
    public string EventsPath => VideoPath + ".jsonl";

    /// <summary>The timestamp of <see cref="RunningTime.Clock"/> at which the job ended; null before.</summary>
    public long? CompletedAt => completion.Task.IsCompleted ? completion.Task.Result : null;

    /// <summary>Completes successfully when the job ends, even if it fails.</summary>
    public Task Completion => completion.Task;

    public VideoResponse Response => response;

    /// <summary>Processes the video as the Detector processes a file, without a window. Never throws: an error becomes the job's outcome.</summary>
    public void Run(RecognitionOptions options, ServeLimits limits, IEmotionModel model)
    {
        try
        {
            stop.Token.ThrowIfCancellationRequested();
            Change(now => now with { State = VideoState.Running });
            (double width, double height) = VideoSource.SizeOf(VideoPath);
            if (width * height > limits.VideoMegapixels * 1e6)
            {
                throw new InvalidDataException($"frames of {width:0}x{height:0} pixels, larger than the limit of {limits.VideoMegapixels} megapixels");
            }

            using var source = new LimitedVideo(FrameSources.Open(VideoPath, AddMessage, stop: stop.Token), Id, EventsPath, limits);
            Change(now => now with { FrameCount = source.FrameCount });
            var run = new DetectorOptions { Recognition = options, Headless = true, Events = EventsPath, Force = true, ReportsSmallFaces = false };
            InputRun.Run(run, source, model, Count, AddMessage, stop.Token);
            End(source.Limit ?? (stop.IsCancellationRequested ? "stopped" : null));
        }
        catch (Exception e)
        {
            End(e.Message);
        }
    }

    /// <summary>Sets the final state, deletes the video's file and completes <see cref="Completion"/>.</summary>
    /// <param name="fault">The reason for <see cref="VideoState.Failed"/>; null for <see cref="VideoState.Done"/>.</param>
    public void End(string? fault)
    {
        files.Delete(VideoPath);
        if (fault is not null)
        {
            AddMessage(fault);
        }

        Change(now => now with { State = fault is null ? VideoState.Done : VideoState.Failed });
        completion.TrySetResult(RunningTime.Clock.GetTimestamp());
    }

    public void Cancel() => stop.Cancel();

    public void Dispose()
    {
        stop.Dispose();
        files.Delete(VideoPath, EventsPath);
    }

    private void Change(Func<VideoResponse, VideoResponse> change)
    {
        lock (gate)
        {
            response = change(response);
        }
    }

    private void Count(FrameResult frame)
    {
        int found = frame.Faces.Count;
        Change(now => now with { Frames = now.Frames + 1, Faces = now.Faces + found });
    }

    // Clients do not get this machine's paths.
    private void AddMessage(string message)
    {
        message = message.Replace(VideoPath, "the video", StringComparison.Ordinal);
        Change(now => now with { Message = now.Message is null ? message : now.Message.Length < MaxMessageLength ? $"{now.Message} {message}" : now.Message });
    }
}

/// <summary>A video that ends normally when it reaches one of the server's limits, so that the results so far are kept. Its events have the given name instead
/// of a path of this machine.</summary>
internal sealed class LimitedVideo(IFrameSource file, string name, string eventsPath, ServeLimits limits) : IFrameSource
{
    private readonly long start = RunningTime.Clock.GetTimestamp();
    private readonly long maxEventBytes = ServeLimits.Bytes(limits.VideoMegabytes) / 4;
    private long framesRead;

    public string Name => name;
    public double FramesPerSecond => file.FramesPerSecond;
    public bool IsLive => false;
    public long? FrameCount => file.FrameCount;

    /// <summary>A message about the limit that ended the video; null if none did.</summary>
    public string? Limit { get; private set; }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        if (!file.Read(frame, out timestamp))
        {
            return false;
        }

        string? reached = framesRead >= limits.VideoFrames ? Quantity.Pluralize(limits.VideoFrames, "frame")
            : RunningTime.Clock.GetElapsedTime(start).TotalSeconds > limits.VideoSeconds ? $"{limits.VideoSeconds} s of work"
            : new FileInfo(eventsPath) is { Exists: true, Length: var length } && length > maxEventBytes ? $"{maxEventBytes} bytes of events"
            : null;
        Limit = reached is null ? null : $"ended at the limit of {reached}, after {Quantity.Pluralize(framesRead, "frame")}; the rest of the video was left out";
        framesRead++;
        return reached is null;
    }

    public void Interrupt() => file.Interrupt();

    public void Dispose() => file.Dispose();
}
