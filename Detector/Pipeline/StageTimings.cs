using System.Diagnostics;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>How long each stage of the pipeline takes, over the last <see cref="Capacity"/> frames. Not thread-safe.</summary>
internal sealed class StageTimings
{
    /// <summary>Measurements kept of a stage: a camera runs for days, its memory must not grow.</summary>
    public const int Capacity = 10_000;

    private readonly List<Stage> stages = [];

    /// <summary>Measures until the result is disposed.</summary>
    /// <param name="stage">The stage's name.</param>
    public Measurement Measure(string stage)
    {
        Stage? found = stages.Find(s => s.Name == stage);
        if (found is null)
        {
            found = new Stage(stage);
            stages.Add(found);
        }

        return new Measurement(found, Stopwatch.GetTimestamp());
    }

    /// <summary>The stages in the order of their first measurement.</summary>
    public IReadOnlyList<StageTiming> Summarize() =>
        [.. stages.Select(stage => new StageTiming(stage.Name, stage.Percentile(0.50), stage.Percentile(0.99)))];

    /// <summary>A measurement in progress.</summary>
    internal readonly struct Measurement(Stage stage, long start) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => stage.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>A stage's measurements, in a ring.</summary>
    internal sealed class Stage(string name)
    {
        private readonly List<double> milliseconds = [];
        private int next;

        public string Name { get; } = name;

        public void Add(double value)
        {
            if (milliseconds.Count < Capacity)
            {
                milliseconds.Add(value);
                return;
            }

            milliseconds[next] = value;
            next = (next + 1) % Capacity;
        }

        // By nearest rank: the smallest value that at least this part of all values does not exceed.
        public double Percentile(double part)
        {
            double[] sorted = [.. milliseconds.Order()];
            return sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
        }
    }
}
