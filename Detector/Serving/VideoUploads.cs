namespace MlNetEmotion.Detector.Serving;

/// <summary>The videos that are being sent: they take no place of those that are worked on. Where all are taken, a sender that is too slow to send the
/// largest video in the time that there is, the slowest first, makes place for the next. Thread-safe.</summary>
/// <param name="clock">By which senders are slow.</param>
internal sealed class VideoUploads(ServeLimits limits, TimeProvider clock)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly List<VideoUpload> all = [];

    /// <summary>Below it, a sender may have to make place: in bytes a second.</summary>
    public double SlowRate { get; } = (double)ServeLimits.Bytes(limits.VideoMegabytes) / limits.VideoUploadSeconds;

    /// <summary>A place for another one; null where all are taken by some that are fast enough, or new.</summary>
    public VideoUpload? TryBegin(CancellationToken aborted)
    {
        VideoUpload? slowest = null;
        var begun = new VideoUpload(this, clock, aborted);
        lock (gate)
        {
            if (all.Count >= limits.VideoUploads)
            {
                slowest = all.Where(upload => upload.Age > Grace && upload.BytesPerSecond < SlowRate).MinBy(upload => upload.BytesPerSecond);
                if (slowest is null)
                {
                    begun.Dispose();
                    return null;
                }

                all.Remove(slowest);
            }

            all.Add(begun);
        }

        slowest?.GiveWay();
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

/// <summary>One video's way in.</summary>
internal sealed class VideoUpload(VideoUploads uploads, TimeProvider clock, CancellationToken aborted) : IDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly long start = clock.GetTimestamp();
    private volatile bool hasGivenWay;
    private long bytes;

    public CancellationToken Stopped => stop.Token;

    /// <summary>Whether it had to make place for another one.</summary>
    public bool HasGivenWay => hasGivenWay;
    public TimeSpan Age => clock.GetElapsedTime(start);
    public double BytesPerSecond => Interlocked.Read(ref bytes) / Age.TotalSeconds;

    public void Count(int received) => Interlocked.Add(ref bytes, received);

    public void GiveWay()
    {
        hasGivenWay = true;
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose()
    {
        uploads.End(this);
        stop.Dispose();
    }
}
