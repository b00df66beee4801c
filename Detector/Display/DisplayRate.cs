using System.Diagnostics;

namespace MlNetEmotion.Detector.Display;

/// <summary>How fast frames come to the screen and how old they are by then, each as a mean over the last ten or so.</summary>
internal sealed class DisplayRate
{
    private const double Weight = 0.1;

    private long last;

    /// <summary>Frames a second; 0 before the second frame.</summary>
    public double FramesPerSecond { get; private set; }

    /// <summary>From taking a frame to showing it, in milliseconds.</summary>
    public double LatencyMs { get; private set; }

    /// <summary>Counts a frame.</summary>
    /// <param name="latency">Its age.</param>
    public void Add(TimeSpan latency)
    {
        long now = Stopwatch.GetTimestamp();
        LatencyMs = last == 0 ? latency.TotalMilliseconds : Mean(LatencyMs, latency.TotalMilliseconds);
        if (last != 0)
        {
            double rate = 1 / Math.Max(Stopwatch.GetElapsedTime(last, now).TotalSeconds, 1e-3);
            FramesPerSecond = FramesPerSecond == 0 ? rate : Mean(FramesPerSecond, rate);
        }

        last = now;
    }

    private static double Mean(double before, double now) => ((1 - Weight) * before) + (Weight * now);
}
