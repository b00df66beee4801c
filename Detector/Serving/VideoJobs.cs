using System.Collections.Concurrent;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The videos that are waiting, running, or done and kept for a while. One runs at a time, in order of arrival. Thread-safe.</summary>
internal sealed class VideoJobs(RecognitionOptions options, ServeLimits limits, IEmotionModel model, string folder) : IDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, VideoJob> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim running = new(1);
    private readonly Lock starting = new();
    private readonly UploadFiles files = new(Console.Error.WriteLine);

    /// <summary>Whether another video could be started at the moment.</summary>
    public bool HasCapacity => jobs.Values.Count(job => job.CompletedAt is null) < limits.Videos;

    public VideoJob? Find(string id) => jobs.GetValueOrDefault(id);

    /// <summary>Creates a job for a video that is still to be uploaded into its file. It does not count as kept yet.</summary>
    public VideoJob Create()
    {
        files.Retry();
        return new VideoJob(folder, files);
    }

    /// <summary>Queues a video after its upload. If <see cref="ServeLimits.Videos"/> are kept already, the oldest one that is done is deleted; returns false if
    /// none is done.</summary>
    public bool TryStart(VideoJob job)
    {
        lock (starting)
        {
            Array.ForEach([.. jobs.Values.Where(job => job.CompletedAt is { } since && RunningTime.Clock.GetElapsedTime(since).TotalSeconds > limits.VideoKeptSeconds)], Remove);
            if (jobs.Count >= limits.Videos && jobs.Values.Where(job => job.CompletedAt is not null).MinBy(job => job.CompletedAt) is { } oldest)
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

    /// <summary>Deletes a video; a running one is stopped first.</summary>
    public void Remove(VideoJob job)
    {
        if (jobs.TryRemove(job.Id, out _))
        {
            job.Cancel();
            _ = job.Completion.ContinueWith(_ => job.Dispose(), TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        VideoJob[] left = [.. jobs.Values];
        Array.ForEach(left, Remove);
        try
        {
            Task.WhenAll(left.Select(job => job.Completion)).WaitAsync(ShutdownTimeout, RunningTime.Clock).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            // A job that does not end in time ends with the process.
        }
    }

    private async Task RunAsync(VideoJob job)
    {
        await running.WaitAsync();
        try
        {
            await Task.Factory.StartNew(() => job.Run(options, limits, model), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception e)
        {
            job.End(e.Message);    // for example, no thread could be created
        }
        finally
        {
            running.Release();
        }
    }
}
