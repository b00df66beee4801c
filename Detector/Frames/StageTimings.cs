namespace MlNetEmotion.Detector.Frames;

/// <summary>Median and 99th percentile of a stage's duration in milliseconds.</summary>
internal sealed record StageTiming(string Name, double P50Ms, double P99Ms);

/// <summary>Measures the duration of each pipeline stage over the last <see cref="Capacity"/> frames. Thread-safe if each stage runs on one thread at a
/// time.</summary>
internal sealed class StageTimings
{
    /// <summary>The number of measurements kept per stage, so that memory stays constant over days of a camera.</summary>
    public const int Capacity = 10_000;

    private readonly OrderedDictionary<string, Stage> stages = [];

    /// <summary>Starts a measurement, which ends when the result is disposed.</summary>
    public Measurement Measure(string stage) => new(Find(stage), Stopwatch.GetTimestamp());

    /// <summary>Adds a measurement made by the caller.</summary>
    public void Add(string stage, TimeSpan time) => Find(stage).Add(time.TotalMilliseconds);

    /// <summary>Returns the percentiles of all stages, in the order of their first measurement.</summary>
    public IReadOnlyList<StageTiming> Summarize()
    {
        lock (stages)
        {
            return [.. stages.Select(stage => new StageTiming(stage.Key, stage.Value.Percentile(0.50), stage.Value.Percentile(0.99)))];
        }
    }

    private Stage Find(string name)
    {
        lock (stages)
        {
            return stages.GetValueOrDefault(name) ?? (stages[name] = new Stage());
        }
    }

    /// <summary>A measurement in progress.</summary>
    internal readonly struct Measurement(Stage stage, long start) : IDisposable
    {
        public void Dispose() => stage.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    internal sealed class Stage
    {
        private readonly Queue<double> milliseconds = new(Capacity);

        public void Add(double value)
        {
            if (milliseconds.Count == Capacity)
            {
                milliseconds.Dequeue();
            }

            milliseconds.Enqueue(value);
        }

        // Nearest rank: the smallest value that at least this fraction of all values does not exceed.
        public double Percentile(double fraction)
        {
            double[] sorted = [.. milliseconds.Order()];
            return sorted[Math.Max(0, (int)Math.Ceiling(fraction * sorted.Length) - 1)];
        }
    }
}
