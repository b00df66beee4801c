using System.Diagnostics.Metrics;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Figures of what was done, for <c>/metrics</c>. Requests, connections and the limiter's queue are counted by ASP.NET Core.</summary>
internal sealed class ServeMetrics : IDisposable
{
    public const string MeterName = "MlNetEmotion";

    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] };

    private static readonly InstrumentAdvice<int> Powers = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32] };

    private readonly Meter meter = new(MeterName);
    private readonly Histogram<double> stages;
    private readonly Histogram<int> batches;
    private readonly Counter<long> faces;

    public ServeMetrics()
    {
        stages = meter.CreateHistogram("mlnetemotion.stage.duration", "s", "How long a stage of a picture, or of a batch of faces, takes.", advice: Seconds);
        batches = meter.CreateHistogram("mlnetemotion.batch.size", "{face}", "Faces that are scored together.", advice: Powers);
        faces = meter.CreateCounter<long>("mlnetemotion.faces", "{face}", "Faces found in pictures.");
    }

    /// <summary>Takes a stage's time since a moment by <see cref="Stopwatch"/>; the moment it ended.</summary>
    public long Measure(string stage, long start)
    {
        long end = Stopwatch.GetTimestamp();
        stages.Record(Stopwatch.GetElapsedTime(start, end).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
        return end;
    }

    public void Count(int found) => faces.Add(found);

    public void CountBatch(int size) => batches.Record(size);

    /// <summary>Watches a number that somebody else keeps.</summary>
    public void Watch(string name, string unit, string description, Func<long> read) =>
        meter.CreateObservableGauge(name, read, unit, description);

    public void Dispose() => meter.Dispose();
}
