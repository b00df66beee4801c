using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The way of detecting faces in an image.</summary>
internal enum Search
{
    /// <summary>At the resolution that the Detector uses for still images.</summary>
    Still,

    /// <summary>At the lower resolution that the Detector uses for videos.</summary>
    Live,

    /// <summary>No detection: the whole image is one face.</summary>
    Cropped,
}

/// <summary>Turns encoded images into responses with the Detector's own stages; images are independent of each other. Thread-safe: one image per
/// processor core is decoded at a time.</summary>
internal sealed class Recognizer : IDisposable
{
    private readonly ServeMetrics metrics;
    private readonly RecognitionOptions recognition;
    private readonly LendingPool<FaceReader> readers;
    private readonly ScoringQueue scoring;

    public Recognizer(ServeOptions options, ServeLimits limits, ServeMetrics metrics)
    {
        this.metrics = metrics;
        recognition = options.Recognition;
        Model = EmotionModels.Load(options.Recognition.Model, threads: 1);    // batches run in parallel instead of a batch's nodes, which would wait for each other
        readers = new LendingPool<FaceReader>(Environment.ProcessorCount, () => new FaceReader(options.Recognition, limits, metrics));
        scoring = new ScoringQueue(Model, Environment.ProcessorCount, metrics);
    }

    public IEmotionModel Model { get; }

    /// <exception cref="InvalidDataException">The image cannot be decoded, or has too many pixels.</exception>
    /// <param name="isCounted">Whether the metrics count the faces; false for the server's own tests.</param>
    public async Task<FacesResponse> RecognizeAsync(ReadOnlyMemory<byte> image, Search search, CancellationToken stop, bool isCounted = true)
    {
        long start = Stopwatch.GetTimestamp();
        (StillFaces found, string? remark) = await readers.UseAsync(reader => reader.Read(image, search), stop);
        EmotionScores[] scores = await scoring.ScoreAsync(found.Crops, stop);
        if (isCounted)
        {
            metrics.Count(scores.Length);
        }

        return new FacesResponse(
            found.Width, found.Height, WrittenNumbers.Milliseconds(Stopwatch.GetElapsedTime(start)),
            [.. scores.Select((score, i) => ToResponse(found, i, score))], remark);
    }

    public void Dispose()
    {
        scoring.Dispose();
        readers.Dispose();
    }

    private FaceResponse ToResponse(StillFaces found, int face, EmotionScores scores) => FaceResponse.Of(
        FaceResult.Of(trackId: 0, found, face, scores).With(EmotionReading.Of(scores, recognition.UncertainBelow), recognition.Doubts), found.Detections[face].Landmarks);
}

/// <summary>Decodes images and detects their faces. Not thread-safe.</summary>
internal sealed class FaceReader(RecognitionOptions options, ServeLimits limits, ServeMetrics metrics) : IDisposable
{
    private readonly Frame frame = new();

    // A face model that is missing throws at the server's start; the other detectors are loaded when they are first needed.
    private readonly Dictionary<Search, IFaceDetector> detectors = new() { [Search.Still] = Load(options, Search.Still) };

    /// <exception cref="InvalidDataException">The image cannot be decoded, or has too many pixels.</exception>
    public (StillFaces Found, string? Remark) Read(ReadOnlyMemory<byte> image, Search search)
    {
        long start = Stopwatch.GetTimestamp();
        string? remark = frame.Decode(image.ToArray(), limits.Megapixels);
        start = metrics.Measure("decode", start);
        ReadOnlySpan<FaceDetection> detections = (detectors.GetValueOrDefault(search) ?? (detectors[search] = Load(options, search))).Detect(frame);
        start = metrics.Measure("find", start);
        var found = StillFaces.Of(frame.View, detections);
        metrics.Measure("crop", start);
        frame.Clear();
        return (found, remark);
    }

    public void Dispose()
    {
        foreach (IFaceDetector detector in detectors.Values)
        {
            detector.Dispose();
        }

        frame.Dispose();
    }

    private static IFaceDetector Load(RecognitionOptions options, Search search) =>
        (options with { Cropped = search == Search.Cropped }).LoadDetector(areStills: search == Search.Still, countsSmaller: false);
}
