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
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes parts of an archive that are still pictures, in a pipeline: reading, decoding and detecting, and scoring in batches run in parallel.
/// Batches follow the order of the pictures, so that the result does not depend on the number of cores. Not thread-safe: one part at a time.</summary>
internal sealed class PictureWork(DetectorOptions options, IEmotionModel model, ArchiveProgress progress) : IDisposable
{
    // Larger batches take no less time per face.
    private const int PicturesPerBatch = 32;

    // Readers mostly wait for a disk or the network.
    private const int ReadersPerCore = 2;

    private const int MaxDownloadBytes = 256 << 20;
    private const string Read = "read";
    private const string Decode = "decode";
    private const string Find = "find";
    private const string Score = "score";

    private readonly IdlePool<Searcher> searchers = new(() => new Searcher(options));
    private readonly ConcurrentDictionary<string, long> ticks = new();
    private readonly HttpClient http = new() { MaxResponseContentBufferSize = MaxDownloadBytes };
    private long smaller;

    /// <summary>The share of time of each stage, such as 'read 3 %, decode 20 %, …'; empty if no picture was processed.</summary>
    public string Shares => string.Join(", ", new[] { Read, Decode, Find, Score }.Where(ticks.ContainsKey).Select(stage => $"{stage} {100.0 * ticks[stage] / ticks.Values.Sum():0} %"));

    /// <summary>A hint about faces left out because they are too small; null if there are none.</summary>
    public string? Hint => InputRun.SmallFacesHint(new SmallerFaces(Interlocked.Read(ref smaller), 0, 0, 0), options.MinFacePixels, areStills: true);

    public void Do(ArchivePart part, FaceTableWriter table, CancellationToken stop) => DoAsync(part, table, stop).GetAwaiter().GetResult();

    public void Dispose()
    {
        http.Dispose();
        searchers.Dispose();
    }

    private async Task DoAsync(ArchivePart part, FaceTableWriter table, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var read = new TransformBlock<ArchiveInput, Picture>(input => ReadAsync(input, ending.Token), Blocks(ReadersPerCore * options.Jobs));
        var find = new TransformBlock<Picture, Picture>(Search, Blocks(options.Jobs));
        var batch = new BatchBlock<Picture>(PicturesPerBatch, new GroupingDataflowBlockOptions { BoundedCapacity = 2 * PicturesPerBatch });
        var score = new TransformBlock<Picture[], Picture[]>(ScoreAll, Blocks(options.Jobs));
        var write = new ActionBlock<Picture[]>(pictures => Write(pictures, table), Blocks(1));
        var whole = new DataflowLinkOptions { PropagateCompletion = true };
        read.LinkTo(find, whole);
        find.LinkTo(batch, whole);
        batch.LinkTo(score, whole);
        score.LinkTo(write, whole);

        // If writing fails, the earlier stages are cancelled; otherwise they would wait for room forever.
        Task completion = write.Completion.ContinueWith(_ => ending.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        foreach (ArchiveInput input in part.Inputs)
        {
            if (!await SendAsync(read, input, ending.Token))
            {
                break;
            }
        }

        read.Complete();
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

    private static async Task<bool> SendAsync(TransformBlock<ArchiveInput, Picture> block, ArchiveInput input, CancellationToken ending)
    {
        try
        {
            return await block.SendAsync(input, ending);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<Picture> ReadAsync(ArchiveInput input, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        var picture = new Picture(new InputRecord(input.Name, 0, 0, 0));
        try
        {
            picture.File = FrameSources.IsUrl(input.Path) ? await http.GetByteArrayAsync(input.Path, stop) : await File.ReadAllBytesAsync(input.Path, stop);
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            picture.Input = InputRecord.Failed(picture.Input, new InvalidDataException(e.Message, e));
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            picture.Input = InputRecord.Failed(picture.Input, e);
        }

        Measure(Read, start);
        return picture;
    }

    private Picture Search(Picture picture)
    {
        if (picture.File is null)
        {
            return picture;
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            using IdlePool<Searcher>.Loan loan = searchers.Rent();
            long before = loan.Engine.Detector.Smaller.Faces;
            try
            {
                picture.Input = picture.Input with { Remark = loan.Engine.Frame.Decode(picture.File) };
                start = Measure(Decode, start);
                picture.Found = StillFaces.Of(loan.Engine.Frame.View, loan.Engine.Detector.Detect(loan.Engine.Frame));
                Measure(Find, start);
                Interlocked.Add(ref smaller, loan.Engine.Detector.Smaller.Faces - before);
            }
            catch (InvalidDataException e)
            {
                picture.Input = InputRecord.Failed(picture.Input, e);
            }

            loan.Return();
        }
        catch (OpenCVException e)
        {
            picture.Input = InputRecord.Failed(picture.Input, new InvalidDataException(e.ErrMsg, e));
        }

        picture.File = null;
        return picture;
    }

    private Picture[] ScoreAll(Picture[] pictures)
    {
        long start = Stopwatch.GetTimestamp();
        byte[] crops = [.. pictures.SelectMany(picture => picture.Found.Crops)];
        var scores = new EmotionScores[crops.Length / FacePreprocessor.PixelCount];
        if (scores.Length > 0)
        {
            model.Score(crops, scores);
        }

        Measure(Score, start);
        int next = 0;
        foreach (Picture picture in pictures)
        {
            picture.Scores = scores[next..(next + picture.Found.Detections.Length)];
            next += picture.Found.Detections.Length;
        }

        return pictures;
    }

    private void Write(Picture[] pictures, FaceTableWriter table)
    {
        foreach (Picture picture in pictures)
        {
            var result = new FrameResult(0, TimeSpan.Zero, [], Source: picture.Input.Source);
            foreach ((int i, (FaceDetection found, EmotionScores scores)) in picture.Found.Detections.Zip(picture.Scores).Index())
            {
                FaceResult face = new FaceResult(i + 1, found.Box.Within(picture.Found.Width, picture.Found.Height), scores)
                    .With(EmotionReading.Of(scores, options.Smoothing.UncertainBelow));
                result.Faces.Add(face);
                table.Add(ParquetLog.Row(result, face));
            }

            InputRecord outcome = picture.Input.Error is null ? ParquetLog.Count(picture.Input, result) : picture.Input;
            table.Done(outcome);
            progress.Done(outcome);
            if (outcome.Error is null)
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

    // A picture on its way through the stages; only one stage uses it at a time.
    private sealed class Picture(InputRecord input)
    {
        public InputRecord Input { get; set; } = input;

        public byte[]? File { get; set; }

        public StillFaces Found { get; set; } = new(0, 0, [], []);

        public EmotionScores[] Scores { get; set; } = [];
    }

    // A frame buffer and a face detector, for one picture at a time.
    private sealed class Searcher(DetectorOptions options) : IDisposable
    {
        public Frame Frame { get; } = new();

        public IFaceDetector Detector { get; } = FaceDetectors.Load(options.FaceDetector, options.FaceModel, new FaceDetectorOptions
        {
            DetectWidth = options.DetectWidth ?? FaceDetectorOptions.StillDetectWidth,
            MinFacePixels = options.MinFacePixels,
            MinCountedPixels = DetectorOptions.MinFacePixelsFloor,
        });

        public void Dispose()
        {
            Frame.Dispose();
            Detector.Dispose();
        }
    }
}
