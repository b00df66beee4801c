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
    /// <summary>The client still sends it.</summary>
    Receiving,

    /// <summary>Another video has its turn.</summary>
    Waiting,
    Running,
    Done,
    Failed,
}

/// <summary>How far a video is.</summary>
/// <param name="Frames">Those that are done.</param>
/// <param name="FrameCount">How many there will be, as far as one can know; null for no idea.</param>
/// <param name="Faces">Those found so far, all frames together.</param>
/// <param name="Remark">What went wrong, or is odd about the file; null for nothing.</param>
/// <param name="Events">Where the events are.</param>
internal sealed record VideoAnswer(string Id, VideoState State, long Frames, long? FrameCount, long Faces, string? Remark, string Events);

/// <summary>A video that was sent, and what was found in it. The names of its files are its number, whatever the client calls it.</summary>
internal sealed class VideoJob(string folder) : IFrameSink, IDisposable
{
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stop = new();
    private long frames;
    private long faces;
    private long? frameCount;
    private volatile VideoState state;
    private volatile string? remark;

    public string Id { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);
    public string VideoPath => Path.Combine(folder, Id);
    public string EventsPath => VideoPath + ".jsonl";

    /// <summary>Since when it is done, by <see cref="Stopwatch"/>; null while it is not.</summary>
    public long? OverSince { get; private set; }

    /// <summary>Ends with the job, however that ends.</summary>
    public Task Over => over.Task;
    public CancellationToken Stopped => stop.Token;

    public VideoState State
    {
        get => state;
        set => state = value;
    }

    public VideoAnswer Answer => new(Id, state, Interlocked.Read(ref frames), frameCount, Interlocked.Read(ref faces), remark, $"/api/videos/{Id}/events");

    /// <summary>Does it, as the Detector does a file that is named, without a window.</summary>
    public void Run(ServeOptions options, ServeLimits limits, IEmotionModel model)
    {
        VideoState outcome = VideoState.Done;
        try
        {
            stop.Token.ThrowIfCancellationRequested();
            state = VideoState.Running;
            (double width, double height) = VideoSource.SizeOf(VideoPath);
            if (width * height > limits.VideoMegapixels * 1e6)
            {
                throw new InvalidDataException($"frames of {width:0}x{height:0} pixels, larger than the limit of {limits.VideoMegapixels} megapixels");
            }

            using var source = new UploadedVideo(FrameSources.Open(VideoPath, Tell), this, ServeLimits.Bytes(limits.VideoMegabytes) / 4);
            frameCount = source.FrameCount;
            InputRun.Run(OptionsOf(options), source, model, this, Tell, stop.Token);
        }
        catch (Exception e)
        {
            Tell(e.Message);
            outcome = VideoState.Failed;
        }

        End(outcome);
    }

    /// <summary>What an upload that could not be received ends with.</summary>
    public void End(VideoState outcome)
    {
        File.Delete(VideoPath);
        (state, OverSince) = (outcome, Stopwatch.GetTimestamp());
        over.TrySetResult();
    }

    public bool Write(Frame frame, FrameResult result)
    {
        Interlocked.Increment(ref frames);
        Interlocked.Add(ref faces, result.Faces.Count);
        return true;
    }

    public void Cancel() => stop.Cancel();

    public void Dispose()
    {
        stop.Dispose();
        File.Delete(VideoPath);
        File.Delete(EventsPath);
    }

    private void Tell(string message) => remark = message.Replace(VideoPath, "the video", StringComparison.Ordinal);

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
        HintsAtSmaller = false,
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

    // Its events name the job, not a path of this machine, and take only so much room.
    private sealed class UploadedVideo(IFrameSource file, VideoJob job, long maxEventBytes) : IFrameSource
    {
        public string Name => job.Id;
        public double FramesPerSecond => file.FramesPerSecond;
        public bool IsLive => false;
        public long? FrameCount => file.FrameCount;

        public bool Read(Frame frame, out TimeSpan timestamp) => new FileInfo(job.EventsPath) is { Exists: true, Length: var length } && length > maxEventBytes
            ? throw new InvalidDataException($"more than {maxEventBytes} bytes of events; the rest of the video was left out")
            : file.Read(frame, out timestamp);

        public void Interrupt() => file.Interrupt();

        public void Dispose() => file.Dispose();
    }
}
