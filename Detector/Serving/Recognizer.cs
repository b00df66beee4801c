using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Serving;

/// <summary>How faces are looked for in a picture.</summary>
internal enum Search
{
    /// <summary>Closely, as the Detector does in still pictures.</summary>
    Still,

    /// <summary>Quickly, as the Detector does in videos.</summary>
    Live,

    /// <summary>Not at all: the picture is a face.</summary>
    Cropped,
}

/// <summary>From encoded pictures to answers, each picture by itself, with the Detector's own stages. Thread-safe: as many pictures are decoded
/// at a time as there are processor cores.</summary>
internal sealed class Recognizer : IDisposable
{
    private readonly ServeMetrics metrics;
    private readonly SmoothingOptions eachByItself;
    private readonly LendingPool<FaceReader> readers;
    private readonly ScoringQueue scoring;

    public Recognizer(ServeOptions options, ServeLimits limits, ServeMetrics metrics)
    {
        this.metrics = metrics;
        eachByItself = new SmoothingOptions { TimeConstantSeconds = 0, UncertainBelow = options.UncertainBelow };
        Model = EmotionModels.Load(options.Model, threads: 1);    // batches share the cores, not a batch's nodes: those would wait for each other
        readers = new LendingPool<FaceReader>(Environment.ProcessorCount, () => FaceReader.Create(options, limits, metrics));
        scoring = new ScoringQueue(Model, Environment.ProcessorCount, metrics);
    }

    public IEmotionModel Model { get; }

    /// <exception cref="InvalidDataException">The picture cannot be decoded, or has too many pixels.</exception>
    public async Task<FacesAnswer> RecognizeAsync(ReadOnlyMemory<byte> picture, Search search, CancellationToken stop)
    {
        FacesAnswer answer = await AnswerAsync(picture, search, stop);
        metrics.Count(answer.Faces.Count);
        return answer;
    }

    /// <summary>The same for the server's own purposes: its faces are not counted.</summary>
    public async Task<FacesAnswer> AnswerAsync(ReadOnlyMemory<byte> picture, Search search, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        FoundFaces found = await readers.UseAsync(reader => reader.Read(picture.Span, search), stop);
        EmotionScores[] scores = await scoring.ScoreAsync(found.Crops, stop);
        return new FacesAnswer(
            found.Width, found.Height, WrittenNumbers.Milliseconds(Stopwatch.GetElapsedTime(start)), [.. found.Faces.Zip(scores, (face, score) => Answer(found, face, score))], found.Remark);
    }

    public void Dispose()
    {
        scoring.Dispose();
        readers.Dispose();
    }

    private FaceAnswer Answer(FoundFaces found, TrackedFace face, EmotionScores scores)
    {
        var result = new FaceResult(face.TrackId, face.Box.Within(found.Width, found.Height), scores);
        return FaceAnswer.Of(result.With(new EmotionSmoother(eachByItself).Update(scores, TimeSpan.Zero)), face.Landmarks);
    }
}

/// <summary>What a picture is before its faces are scored.</summary>
/// <param name="Crops">uint8 [faces, 48, 48], gray.</param>
/// <param name="Remark">The decoder's.</param>
internal sealed record FoundFaces(int Width, int Height, TrackedFace[] Faces, byte[] Crops, string? Remark);

/// <summary>Decodes pictures and finds the faces, one picture at a time: its pixels are used again for the next.</summary>
internal sealed class FaceReader(ServeOptions options, ServeLimits limits, ServeMetrics metrics) : IDisposable
{
    // Larger pictures are seldom; their memory is given back.
    private const int KeptPixels = 4_000_000;

    private readonly Frame frame = new();
    private readonly List<TrackedFace> faces = [];
    private readonly Dictionary<Search, (IFaceDetector Detector, FaceFinder Finder)> finders = [];

    /// <summary>Creates one that is ready for still pictures.</summary>
    /// <exception cref="Exception">The face model is missing, or no face model.</exception>
    public static FaceReader Create(ServeOptions options, ServeLimits limits, ServeMetrics metrics)
    {
        var reader = new FaceReader(options, limits, metrics);
        try
        {
            reader.Load(Search.Still);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private FaceFinder Load(Search search)
    {
        if (!finders.TryGetValue(search, out (IFaceDetector Detector, FaceFinder Finder) loaded))
        {
            IFaceDetector detector = FaceDetectors.Load(options.FaceDetector, options.FaceModel, new FaceDetectorOptions
            {
                DetectWidth = options.DetectWidth ?? (search == Search.Still ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth),
                MinFacePixels = options.MinFacePixels,
            });
            finders.Add(search, loaded = (detector, new FaceFinder(detector, schedule: null, new StageTimings())));
        }

        return loaded.Finder;
    }

    public FoundFaces Read(ReadOnlySpan<byte> picture, Search search)
    {
        long start = Stopwatch.GetTimestamp();
        string? remark = PictureDecoder.Decode(picture, frame, limits.Megapixels);
        start = metrics.Measure("decode", start);
        if (search == Search.Cropped)
        {
            faces.Clear();
            faces.Add(new TrackedFace(TrackId: 1, new Box(0, 0, frame.Width, frame.Height), Landmarks: null));
        }
        else
        {
            Load(search).Find(frame, TimeSpan.Zero, faces);
        }

        start = metrics.Measure("find", start);
        var crops = new byte[faces.Count * FacePreprocessor.PixelCount];
        FaceScorer.Crop(frame.View, faces, crops);
        metrics.Measure("crop", start);
        var found = new FoundFaces(frame.Width, frame.Height, [.. faces], crops, remark);
        if (found.Width * found.Height > KeptPixels)
        {
            frame.Clear();
        }

        return found;
    }

    public void Dispose()
    {
        foreach ((IFaceDetector detector, _) in finders.Values)
        {
            detector.Dispose();
        }

        frame.Dispose();
    }
}
