using System.Diagnostics.Metrics;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The metrics of recognition, for <c>/metrics</c>. ASP.NET Core itself counts requests, connections and the rate limiter's queue.</summary>
internal sealed class ServeMetrics : IDisposable
{
    public const string MeterName = "MlNetEmotion";

    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] };

    private static readonly InstrumentAdvice<int> PowersOfTwo = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32] };

    private readonly Meter meter = new(MeterName);
    private readonly Histogram<double> stages;
    private readonly Histogram<int> batches;
    private readonly Counter<long> faces;

    public ServeMetrics()
    {
        stages = meter.CreateHistogram("mlnetemotion.stage.duration", "s", "Duration of a stage of an image, or of a batch of faces.", advice: Seconds);
        batches = meter.CreateHistogram("mlnetemotion.batch.size", "{face}", "Faces scored together.", advice: PowersOfTwo);
        faces = meter.CreateCounter<long>("mlnetemotion.faces", "{face}", "Faces found in images.");
    }

    /// <summary>Records the duration of a stage and returns its end, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Measure(string stage, long start)
    {
        long end = Stopwatch.GetTimestamp();
        stages.Record(Stopwatch.GetElapsedTime(start, end).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
        return end;
    }

    public void Count(int found) => faces.Add(found);

    public void CountBatch(int size) => batches.Record(size);

    /// <summary>Adds a gauge that reads its value from a callback.</summary>
    public void Watch(string name, string unit, string description, Func<long> read) =>
        meter.CreateObservableGauge(name, read, unit, description);

    public void Dispose() => meter.Dispose();
}
