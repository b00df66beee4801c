using System.Collections.Concurrent;
using System.Net;
using System.Threading.Tasks.Dataflow;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes parts of an archive that are still images, in a pipeline: reading, decoding and detecting, and scoring in batches run in parallel.
/// Batches follow the order of the images, so that the result does not depend on the number of cores. Not thread-safe: one part at a time.</summary>
internal sealed class ImageWork(DetectorOptions options, IEmotionModel model, RunProgress progress) : IDisposable
{
    // Larger batches take no less time per face.
    private const int ImagesPerBatch = 32;

    // Readers mostly wait for a disk or the network.
    private const int ReadersPerCore = 2;

    private const int MaxDownloadBytes = 256 << 20;
    private const string Read = "read";
    private const string Decode = "decode";
    private const string Find = "find";
    private const string Score = "score";

    private readonly LendingPool<Searcher> searchers = new(options.Jobs, () => new Searcher(options.Recognition), isLazy: true);
    private readonly ConcurrentDictionary<string, long> ticks = new();
    private readonly HttpClient http = new() { MaxResponseContentBufferSize = MaxDownloadBytes };
    private long smaller;

    public async Task ProcessAsync(ArchivePart part, FaceTableWriter table, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var find = new TransformBlock<ArchiveInput, Image>(input => FindAsync(input, ending.Token), Blocks(ReadersPerCore * options.Jobs));
        var batch = new BatchBlock<Image>(ImagesPerBatch, new GroupingDataflowBlockOptions { BoundedCapacity = 2 * ImagesPerBatch });
        var score = new TransformBlock<Image[], (Image[] Images, EmotionScores[] Scores)>(ScoreAll, Blocks(options.Jobs));
        var write = new ActionBlock<(Image[] Images, EmotionScores[] Scores)>(scored => Write(scored.Images, scored.Scores, table), Blocks(1));
        var whole = new DataflowLinkOptions { PropagateCompletion = true };
        find.LinkTo(batch, whole);
        batch.LinkTo(score, whole);
        score.LinkTo(write, whole);

        // If writing fails, the earlier stages are cancelled; otherwise they would wait for room forever.
        Task completion = write.Completion.ContinueWith(_ => ending.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        try
        {
            foreach (ArchiveInput input in part.Inputs)
            {
                await find.SendAsync(input, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The reason is awaited below.
        }

        find.Complete();
        try
        {
            await write.Completion;
        }
        finally
        {
            await completion;
        }

        ExecutionDataflowBlockOptions Blocks(int degree) => new() { MaxDegreeOfParallelism = degree, BoundedCapacity = 2 * degree, CancellationToken = ending.Token };
    }

    /// <summary>Reports the share of time of each stage, and faces left out because they are too small.</summary>
    public void Report()
    {
        string shares = string.Join(", ", new[] { Read, Decode, Find, Score }.Where(ticks.ContainsKey).Select(stage => $"{stage} {100.0 * ticks[stage] / ticks.Values.Sum():0} %"));
        if (shares.Length > 0)
        {
            progress.WriteLine($"images' time: {shares}");
        }

        if (InputRun.SmallFacesHint(new SmallerFaces(smaller, 0, 0, 0), options.Recognition.MinFacePixels, areStills: true) is { } hint)
        {
            progress.Warn($"images: {hint}");
        }
    }

    public void Dispose()
    {
        http.Dispose();
        searchers.Dispose();
    }

    // Reads an image and finds its faces.
    private async Task<Image> FindAsync(ArchiveInput input, CancellationToken stop)
    {
        var outcome = new InputRecord(input.Name, 0, 0, 0);
        byte[] file;
        long start = Stopwatch.GetTimestamp();
        try
        {
            file = FrameSources.IsUrl(input.Path) ? await http.GetByteArrayAsync(input.Path, stop) : await File.ReadAllBytesAsync(input.Path, stop);
            Measure(Read, start);
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return Failed(new InvalidDataException(e.Message, e));
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return Failed(e);
        }

        try
        {
            return await searchers.UseAsync(searcher => Search(searcher, file, outcome), stop);
        }
        catch (InvalidDataException e)
        {
            return Failed(e);
        }
        catch (OpenCVException e)
        {
            return Failed(new InvalidDataException(e.ErrMsg, e));
        }

        Image Failed(Exception e) => new(InputRecord.Failed(outcome, e), new StillFaces(0, 0, [], []));
    }

    private Image Search(Searcher searcher, byte[] file, InputRecord outcome)
    {
        long start = Stopwatch.GetTimestamp();
        long before = searcher.Detector.Smaller.Faces;
        string? remark = searcher.Frame.Decode(file);
        start = Measure(Decode, start);
        var found = StillFaces.Of(searcher.Frame.View, searcher.Detector.Detect(searcher.Frame));
        Measure(Find, start);
        Interlocked.Add(ref smaller, searcher.Detector.Smaller.Faces - before);
        return new Image(outcome with { Remark = remark }, found);
    }

    private (Image[] Images, EmotionScores[] Scores) ScoreAll(Image[] images)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] crops = [.. images.SelectMany(image => image.Found.Crops)];
        var scores = new EmotionScores[crops.Length / FacePreprocessor.PixelCount];
        if (scores.Length > 0)
        {
            model.Score(crops, scores);
        }

        Measure(Score, start);
        return (images, scores);
    }

    private void Write(Image[] images, EmotionScores[] scores, FaceTableWriter table)
    {
        int next = 0;
        foreach ((InputRecord outcome, StillFaces found) in images)
        {
            var result = new FrameResult(0, TimeSpan.Zero, [], Source: outcome.Source);
            for (int i = 0; i < found.Detections.Length; i++)
            {
                EmotionReading reading = EmotionReading.Of(scores[next++], options.Recognition.UncertainBelow);
                result.Faces.Add(FaceResult.Of(i + 1, found, i, reading.Scores).With(reading, options.Recognition.Doubts));
            }

            table.Add(result);
            InputRecord counted = outcome.Error is null ? outcome.With(result) : outcome;
            table.Done(counted);
            progress.Done(counted);
            if (counted.Error is null)
            {
                progress.Frame(result.Faces.Count);
            }
        }
    }

    private long Measure(string stage, long start)
    {
        long now = Stopwatch.GetTimestamp();
        ticks.AddOrUpdate(stage, now - start, (_, sum) => sum + now - start);
        return now;
    }

    private sealed record Image(InputRecord Outcome, StillFaces Found);

    // A frame buffer and a face detector, for one image at a time.
    private sealed class Searcher(RecognitionOptions options) : IDisposable
    {
        public Frame Frame { get; } = new();

        public IFaceDetector Detector { get; } = options.LoadDetector(areStills: true, countsSmaller: true);

        public void Dispose()
        {
            Frame.Dispose();
            Detector.Dispose();
        }
    }
}
