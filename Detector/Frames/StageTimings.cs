namespace MlNetEmotion.Detector.Frames;

/// <summary>How long a stage takes: half, and 99 of 100, of its runs take at most so many milliseconds.</summary>
internal sealed record StageTiming(string Name, double P50Ms, double P99Ms);

/// <summary>How long each stage of the pipeline takes, over the last <see cref="Capacity"/> frames. Thread-safe, as
/// long as a stage runs on one thread at a time.</summary>
internal sealed class StageTimings
{
    /// <summary>Measurements kept of a stage: a camera runs for days, its memory must not grow.</summary>
    public const int Capacity = 10_000;

    private readonly OrderedDictionary<string, Stage> stages = [];

    /// <summary>Measures until the result is disposed.</summary>
    public Measurement Measure(string stage) => new(Find(stage), Stopwatch.GetTimestamp());

    /// <summary>Takes a measurement that was made elsewhere.</summary>
    public void Add(string stage, TimeSpan time) => Find(stage).Add(time.TotalMilliseconds);

    /// <summary>The stages in the order of their first measurement.</summary>
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
            if (!stages.TryGetValue(name, out Stage? stage))
            {
                stages.Add(name, stage = new Stage());
            }

            return stage;
        }
    }

    /// <summary>A measurement in progress.</summary>
    internal readonly struct Measurement(Stage stage, long start) : IDisposable
    {
        public void Dispose() => stage.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    internal sealed class Stage
    {
        private readonly Queue<double> milliseconds = new(Capacity); // at once: a frame allocates nothing

        public void Add(double value)
        {
            if (milliseconds.Count == Capacity)
            {
                milliseconds.Dequeue();
            }

            milliseconds.Enqueue(value);
        }

        // By nearest rank: the smallest value that at least this part of all values does not exceed.
        public double Percentile(double part)
        {
            double[] sorted = [.. milliseconds.Order()];
            return sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
        }
    }
}
