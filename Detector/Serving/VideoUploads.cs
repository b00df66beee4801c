namespace MlNetEmotion.Detector.Serving;

/// <summary>The videos being uploaded, which do not count as kept. If <see cref="ServeLimits.VideoUploads"/> are in progress, a new one evicts the slowest of
/// those that are too slow to send a video of the maximum size within the time limit. Thread-safe.</summary>
internal sealed class VideoUploads(ServeLimits limits, TimeProvider clock)
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly List<VideoUpload> all = [];

    /// <summary>The speed in bytes per second below which an upload may be evicted.</summary>
    public double SlowRate { get; } = (double)ServeLimits.Bytes(limits.VideoMegabytes) / limits.VideoUploadSeconds;

    /// <summary>Begins an upload; null if the maximum is in progress and all are fast enough or new.</summary>
    public VideoUpload? TryBegin(CancellationToken aborted)
    {
        VideoUpload begun;
        VideoUpload? slowest = null;
        lock (gate)
        {
            if (all.Count >= limits.VideoUploads
                && (slowest = all.Where(upload => upload.Age > GracePeriod && upload.BytesPerSecond < SlowRate).MinBy(upload => upload.BytesPerSecond)) is null)
            {
                return null;
            }

            all.Remove(slowest!);    // if there is one
            all.Add(begun = new VideoUpload(this, clock, aborted));
        }

        slowest?.Evict();
        return begun;
    }

    public void End(VideoUpload upload)
    {
        lock (gate)
        {
            all.Remove(upload);
        }
    }
}

/// <summary>One upload in progress.</summary>
internal sealed class VideoUpload(VideoUploads uploads, TimeProvider clock, CancellationToken aborted) : IDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly long start = clock.GetTimestamp();
    private volatile bool isEvicted;
    private long bytes;

    public CancellationToken Stopped => stop.Token;

    /// <summary>Whether it was stopped in favor of another upload.</summary>
    public bool IsEvicted => isEvicted;
    public TimeSpan Age => clock.GetElapsedTime(start);
    public double BytesPerSecond => Interlocked.Read(ref bytes) / Age.TotalSeconds;

    public void Count(int received) => Interlocked.Add(ref bytes, received);

    public void Evict()
    {
        isEvicted = true;
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The upload has just ended.
        }
    }

    public void Dispose()
    {
        uploads.End(this);
        stop.Dispose();
    }
}
