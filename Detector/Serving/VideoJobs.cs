using System.Collections.Concurrent;
using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The videos that are being sent, wait, run, or are done and kept for a while; one runs at a time.</summary>
internal sealed class VideoJobs(ServeOptions options, ServeLimits limits, IEmotionModel model, string folder) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, VideoJob> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);
    private readonly Lock reserving = new();

    public VideoJob? Find(string id) => jobs.GetValueOrDefault(id);

    /// <summary>A place for another video; null where all are taken by some that are not done. One that is done makes place, the oldest
    /// first.</summary>
    public VideoJob? TryReserve()
    {
        lock (reserving)
        {
            foreach (VideoJob old in jobs.Values.Where(job => job.OverSince is { } since && Stopwatch.GetElapsedTime(since).TotalSeconds > limits.VideoKeptSeconds))
            {
                Remove(old);
            }

            if (jobs.Count >= limits.Videos && jobs.Values.Where(job => job.OverSince is not null).MinBy(job => job.OverSince) is { } oldest)
            {
                Remove(oldest);
            }

            if (jobs.Count >= limits.Videos)
            {
                return null;
            }

            var reserved = new VideoJob(folder);
            File.Create(reserved.EventsPath).Dispose();
            jobs.TryAdd(reserved.Id, reserved);
            return reserved;
        }
    }

    /// <summary>Lets a video that was received wait for its turn, and run.</summary>
    public void Start(VideoJob job)
    {
        job.State = VideoState.Waiting;
        _ = RunAsync(job);
    }

    /// <summary>Forgets a video, and stops it first where it is not done.</summary>
    public void Remove(VideoJob job)
    {
        if (jobs.TryRemove(job.Id, out _))
        {
            job.Cancel();
            _ = job.Over.ContinueWith(_ => job.Dispose(), TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        VideoJob[] left = [.. jobs.Values];
        Array.ForEach(left, Remove);
        Task.WaitAll([.. left.Select(job => job.Over)], Patience);
        turn.Dispose();
    }

    private async Task RunAsync(VideoJob job)
    {
        await turn.WaitAsync();
        try
        {
            await Task.Factory.StartNew(() => job.Run(options, limits, model), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            turn.Release();
        }
    }
}
