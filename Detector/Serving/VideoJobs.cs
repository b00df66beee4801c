using System.Collections.Concurrent;
using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The videos that wait, run, or are done and kept for a while; one runs at a time, in the order in which they came. Thread-safe.</summary>
internal sealed class VideoJobs(ServeOptions options, ServeLimits limits, IEmotionModel model, string folder) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, VideoJob> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);
    private readonly Lock placing = new();
    private readonly UploadFiles files = new(Console.Error.WriteLine);

    /// <summary>Whether another video would find a place at the moment.</summary>
    public bool HasPlace => jobs.Values.Count(job => job.OverSince is null) < limits.Videos;

    public VideoJob? Find(string id) => jobs.GetValueOrDefault(id);

    /// <summary>A video that is to be received into its file; it has no place yet.</summary>
    public VideoJob Create()
    {
        files.Retry();
        return new VideoJob(folder, files);
    }

    /// <summary>Gives a video that was received a place, and lets it wait for its turn, and run; false where all places are taken by some that are not
    /// done. One that is done makes place, the oldest first.</summary>
    public bool TryStart(VideoJob job)
    {
        lock (placing)
        {
            foreach (VideoJob old in jobs.Values.Where(job => job.OverSince is { } since && RunningTime.Clock.GetElapsedTime(since).TotalSeconds > limits.VideoKeptSeconds))
            {
                Remove(old);
            }

            if (jobs.Count >= limits.Videos && jobs.Values.Where(job => job.OverSince is not null).MinBy(job => job.OverSince) is { } oldest)
            {
                Remove(oldest);
            }

            if (jobs.Count >= limits.Videos)
            {
                return false;
            }

            File.Create(job.EventsPath).Dispose();
            jobs.TryAdd(job.Id, job);
        }

        _ = RunAsync(job);
        return true;
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
        try
        {
            Task.WhenAll(left.Select(job => job.Over)).WaitAsync(Patience, RunningTime.Clock).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            // One that does not end goes with the process.
        }
    }

    private async Task RunAsync(VideoJob job)
    {
        await turn.WaitAsync();
        try
        {
            await Task.Factory.StartNew(() => job.Run(options, limits, model), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception e)
        {
            job.End(e.Message);    // no thread for it, say
        }
        finally
        {
            turn.Release();
        }
    }
}
