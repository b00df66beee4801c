using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
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
    private readonly double uncertainBelow;
    private readonly LendingPool<FaceReader> readers;
    private readonly ScoringQueue scoring;

    public Recognizer(ServeOptions options, ServeLimits limits, ServeMetrics metrics)
    {
        this.metrics = metrics;
        uncertainBelow = options.UncertainBelow;
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
        (FoundFaces found, string? remark) = await readers.UseAsync(reader => reader.Read(picture, search), stop);
        EmotionScores[] scores = await scoring.ScoreAsync(found.Crops, stop);
        return new FacesAnswer(
            found.Width, found.Height, WrittenNumbers.Milliseconds(Stopwatch.GetElapsedTime(start)), [.. found.Faces.Zip(scores, (face, score) => Answer(found, face, score))], remark);
    }

    public void Dispose()
    {
        scoring.Dispose();
        readers.Dispose();
    }

    private FaceAnswer Answer(FoundFaces found, TrackedFace face, EmotionScores scores)
    {
        var result = new FaceResult(face.TrackId, face.Box.Within(found.Width, found.Height), scores);
        return FaceAnswer.Of(result.With(EmotionReading.Of(scores, uncertainBelow)), face.Landmarks);
    }
}

/// <summary>Decodes pictures and finds the faces, one picture at a time.</summary>
internal sealed class FaceReader(ServeOptions options, ServeLimits limits, ServeMetrics metrics) : IDisposable
{
    private readonly Frame frame = new();
    private readonly Dictionary<Search, (IFaceDetector Detector, StillFaces Faces)> detectors = [];

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

    /// <exception cref="InvalidDataException">The picture cannot be decoded, or has too many pixels.</exception>
    public (FoundFaces Found, string? Remark) Read(ReadOnlyMemory<byte> picture, Search search)
    {
        long start = Stopwatch.GetTimestamp();
        string? remark = frame.Decode(picture.ToArray(), limits.Megapixels);
        start = metrics.Measure("decode", start);
        TrackedFace[] faces = Load(search).Find(frame);
        start = metrics.Measure("find", start);
        FoundFaces found = StillFaces.Crop(frame, faces);
        metrics.Measure("crop", start);
        frame.Clear();
        return (found, remark);
    }

    public void Dispose()
    {
        foreach ((IFaceDetector detector, _) in detectors.Values)
        {
            detector.Dispose();
        }

        frame.Dispose();
    }

    private StillFaces Load(Search search)
    {
        if (!detectors.TryGetValue(search, out (IFaceDetector Detector, StillFaces Faces) loaded))
        {
            IFaceDetector detector = FaceDetectors.Load(search == Search.Cropped ? FaceDetectorKind.Cropped : options.FaceDetector, options.FaceModel, new FaceDetectorOptions
            {
                DetectWidth = options.DetectWidth ?? (search == Search.Still ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth),
                MinFacePixels = options.MinFacePixels,
            });
            detectors.Add(search, loaded = (detector, new StillFaces(detector, new StageTimings())));
        }

        return loaded.Faces;
    }
}
