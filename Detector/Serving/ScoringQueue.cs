using System.Threading.Channels;
using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Scores the faces of all waiting requests as one batch, which takes less time per face than scoring them one by one (figures in
/// docs/serve.md). Owns the model. Thread-safe.</summary>
internal sealed class ScoringQueue : IDisposable
{
    private const int MaxBatch = 32;

    private readonly Channel<Request> requests = Channel.CreateUnbounded<Request>();
    private readonly IEmotionModel model;
    private readonly ServeMetrics metrics;
    private readonly Task[] workers;

    public ScoringQueue(IEmotionModel model, int workers, ServeMetrics metrics)
    {
        (this.model, this.metrics) = (model, metrics);
        metrics.Watch("mlnetemotion.scoring.queued", "{request}", "Requests whose faces wait to be scored.", () => requests.Reader.Count);
        this.workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Scores uint8 [n, 48, 48] gray faces.</summary>
    public Task<EmotionScores[]> ScoreAsync(byte[] faces, CancellationToken stop)
    {
        if (faces.Length == 0)
        {
            return Task.FromResult<EmotionScores[]>([]);
        }

        var request = new Request(faces, stop);
        return requests.Writer.TryWrite(request) ? request.Scores.Task : Task.FromException<EmotionScores[]>(new OperationCanceledException("the server stops"));
    }

    public void Dispose()
    {
        requests.Writer.TryComplete();
        Task.WaitAll(workers);
        model.Dispose();
    }

    private async Task WorkAsync()
    {
        var batch = new List<Request>();
        byte[] faces = [];
        EmotionScores[] scores = [];
        while (await requests.Reader.WaitToReadAsync())
        {
            int count = Take(batch);
            if (count == 0)
            {
                continue;    // another worker was faster
            }

            try
            {
                if (scores.Length < count)
                {
                    (faces, scores) = (new byte[count * FacePreprocessor.PixelCount], new EmotionScores[count]);
                }

                Score(batch, faces, scores.AsSpan(0, count));
            }
            catch (Exception e)
            {
                // The error belongs to this batch's requests; the worker must survive it.
                batch.ForEach(request => request.Scores.TrySetException(e));
            }
        }
    }

    // A request's faces are not split, so a batch may exceed MaxBatch by the faces of one request. Returns the number of faces.
    private int Take(List<Request> batch)
    {
        batch.Clear();
        int count = 0;
        while (count < MaxBatch && requests.Reader.TryRead(out Request? request))
        {
            if (request.Stop.IsCancellationRequested)
            {
                request.Scores.TrySetCanceled(request.Stop);
                continue;
            }

            batch.Add(request);
            count += request.Count;
        }

        return count;
    }

    private void Score(List<Request> batch, byte[] faces, Span<EmotionScores> scores)
    {
        int next = 0;
        foreach (Request request in batch)
        {
            request.Faces.CopyTo(faces, next);
            next += request.Faces.Length;
        }

        long start = Stopwatch.GetTimestamp();
        model.Score(faces.AsSpan(0, next), scores);
        metrics.Measure("score", start);
        metrics.CountBatch(scores.Length);
        foreach (Request request in batch)
        {
            request.Scores.SetResult(scores[..request.Count].ToArray());
            scores = scores[request.Count..];
        }
    }

    private sealed record Request(byte[] Faces, CancellationToken Stop)
    {
        public int Count => Faces.Length / FacePreprocessor.PixelCount;

        public TaskCompletionSource<EmotionScores[]> Scores { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
