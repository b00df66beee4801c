using System.Security.Cryptography;
using System.Text.Json.Serialization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Serving;

[JsonConverter(typeof(JsonStringEnumConverter<VideoState>))]
internal enum VideoState
{
    /// <summary>Another video has its turn.</summary>
    Waiting,
    Running,
    Done,

    /// <summary>It could not be read, or not to its end: the remark says why. The events up to there are kept.</summary>
    Failed,
}

/// <summary>How far a video is.</summary>
/// <param name="Frames">Those that are done.</param>
/// <param name="FrameCount">How many there will be, as far as one can know; null for no idea.</param>
/// <param name="Faces">Those found so far, all frames together.</param>
/// <param name="Remark">What went wrong, or is odd about the file; null for nothing.</param>
/// <param name="Events">Where the events are.</param>
internal sealed record VideoAnswer(string Id, VideoState State, long Frames, long? FrameCount, long Faces, string? Remark, string Events);

/// <summary>A video that was sent, and what was found in it. The names of its files are its number, whatever the client calls it. Thread-safe, but for
/// running, which happens once.</summary>
internal sealed class VideoJob : IFrameSink, IDisposable
{
    private const int MaxRemark = 1000;

    private readonly string folder;
    private readonly UploadFiles files;
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private VideoAnswer answer;
    private long? overSince;

    public VideoJob(string folder, UploadFiles files)
    {
        (this.folder, this.files) = (folder, files);
        answer = new VideoAnswer(Id, VideoState.Waiting, Frames: 0, FrameCount: null, Faces: 0, Remark: null, $"/api/videos/{Id}/events");
    }

    public string Id { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);
    public string VideoPath => Path.Combine(folder, Id);
    public string EventsPath => VideoPath + ".jsonl";

    /// <summary>The time at which it was done, by <see cref="RunningTime.Clock"/>; null before.</summary>
    public long? OverSince
    {
        get
        {
            lock (gate)
            {
                return overSince;
            }
        }
    }

    /// <summary>Ends with the job, however that ends.</summary>
    public Task Over => over.Task;

    public VideoAnswer Answer
    {
        get
        {
            lock (gate)
            {
                return answer;
            }
        }
    }

    /// <summary>Does it, as the Detector does a file that is named, without a window. Never throws: what goes wrong is the job's outcome.</summary>
    public void Run(ServeOptions options, ServeLimits limits, IEmotionModel model)
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

            using var source = new LimitedVideo(FrameSources.Open(VideoPath, Tell, stop: stop.Token), Id, EventsPath, limits);
            Change(now => now with { FrameCount = source.FrameCount });
            InputRun.Run(OptionsOf(options), source, model, this, Tell, stop.Token);
            End(source.Limit ?? (stop.IsCancellationRequested ? "stopped" : null));
        }
        catch (Exception e)
        {
            End(e.Message);
        }
    }

    /// <summary>Completes the job and all waits for it.</summary>
    /// <param name="fault">Why it is not done; null where it is.</param>
    public void End(string? fault)
    {
        files.Delete(VideoPath);
        if (fault is not null)
        {
            Tell(fault);
        }

        lock (gate)
        {
            answer = answer with { State = fault is null ? VideoState.Done : VideoState.Failed };
            overSince = RunningTime.Clock.GetTimestamp();
        }

        over.TrySetResult();
    }

    public bool Write(Frame frame, FrameResult result)
    {
        int found = result.Faces.Count;
        Change(now => now with { Frames = now.Frames + 1, Faces = now.Faces + found });
        return true;
    }

    public void Cancel() => stop.Cancel();

    public void Dispose()
    {
        stop.Dispose();
        files.Delete(VideoPath, EventsPath);
    }

    private void Change(Func<VideoAnswer, VideoAnswer> change)
    {
        lock (gate)
        {
            answer = change(answer);
        }
    }

    private void Tell(string message)
    {
        string remark = message.Replace(VideoPath, "the video", StringComparison.Ordinal);
        Change(now => now with { Remark = now.Remark is null ? remark : now.Remark.Length < MaxRemark ? $"{now.Remark} {remark}" : now.Remark });
    }

    private DetectorOptions OptionsOf(ServeOptions options) => new()
    {
        Inputs = [VideoPath],
        AreListed = false,
        Jobs = 1,
        ReconnectSeconds = 0,
        Loop = 1,
        MaxFrames = null,
        Model = options.Model,
        Smoothing = new SmoothingOptions { UncertainBelow = options.UncertainBelow },
        FaceDetector = options.FaceDetector,
        FaceModel = options.FaceModel,
        DetectWidth = options.DetectWidth,
        DetectEvery = null,
        MinFacePixels = options.MinFacePixels,
        ReportsSmallFaces = false,
        Headless = true,
        BlurFaces = false,
        Snapshots = ".",
        Output = null,
        Events = EventsPath,
        Timings = null,
        Report = null,
        ReportThumbnails = false,
        Force = true,
    };
}

/// <summary>A file up to one of the server's limits, where it ends in order: what was found up to there is kept. Its events carry a name that names no path
/// of this machine.</summary>
internal sealed class LimitedVideo(IFrameSource file, string name, string eventsPath, ServeLimits limits) : IFrameSource
{
    private readonly long start = RunningTime.Clock.GetTimestamp();
    private readonly long maxEventBytes = ServeLimits.Bytes(limits.VideoMegabytes) / 4;
    private long framesRead;

    public string Name => name;
    public double FramesPerSecond => file.FramesPerSecond;
    public bool IsLive => false;
    public long? FrameCount => file.FrameCount;

    /// <summary>The limit at which it ended; null for its own end.</summary>
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
