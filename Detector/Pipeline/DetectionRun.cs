using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A run's metrics, written by <c>--timings</c>.</summary>
/// <param name="Faces">Faces found, summed over all frames.</param>
/// <param name="DifferentFaces">Number of tracks; in still images, the number of faces.</param>
/// <param name="FramesPerSecond">Frames / time from the first read to the end of the run.</param>
/// <param name="Stages">Duration of each stage per frame. Stages overlap; <c>latency</c> is the time from a frame's capture to its delivery.</param>
/// <param name="StartupMs">Time from the process's start to the first read.</param>
/// <param name="FirstFrameMs">Time from the process's start to the first frame's delivery.</param>
/// <param name="PeakMemoryMb">Peak working set in MiB.</param>
internal sealed record RunReport(
    long Frames, long Faces, int DifferentFaces, double FramesPerSecond, IReadOnlyList<StageTiming> Stages, double StartupMs, double FirstFrameMs, double PeakMemoryMb);

/// <summary>Passes frames from a source through the stages to the sinks. Owns none of them.</summary>
internal sealed class DetectionRun(IFrameSource source, IFaceFinder finder, FaceScorer scorer, StageTimings timings)
{
    /// <summary>The name of the measurement from a frame's capture to its delivery.</summary>
    public const string Latency = "latency";

    private long captured;
    private (string Source, long Frames) numbered = ("", 0);
    private long delivered;
    private long faces;
    private int lastTrackId;
    private long start;
    private double startupMs;
    private double firstFrameMs;

    /// <summary>Smooths each track's scores; null to use each frame's own.</summary>
    public TrackSmoother? Smoother { get; init; }

    /// <summary>The probability, in [0, 1], below which a face is uncertain. Used without a smoother.</summary>
    public double UncertainBelow { get; init; }

    /// <summary>Corrects each face's scores by a resting face, before they are smoothed; null for none.</summary>
    public IBaselines? Baselines { get; init; }

    /// <summary>The limits that give uncertain faces their reasons.</summary>
    public DoubtOptions Doubts { get; init; } = new();

    /// <summary>The receivers of each frame, in order.</summary>
    public IReadOnlyList<IFrameSink> Sinks { get; init; } = [];

    /// <summary>Called on the calling thread while no frame is ready, if a window needs that thread; returns false to end the run. The sinks are then called on
    /// that thread too.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Returns false once the user has quit.</summary>
    public Func<bool> IsRunning { get; init; } = static () => true;

    /// <summary>The maximum number of frames; null for all.</summary>
    public long? MaxFrames { get; init; }

    /// <summary>Whether the run ended with the source rather than by the user.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled; frames in progress are completed.</summary>
    public RunReport Run(CancellationToken stop)
    {
        using var process = Process.GetCurrentProcess();
        startupMs = (DateTime.Now - process.StartTime).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        using (var stages = new FrameStages(source.IsLive)
        {
            TryCapture = TryCapture,
            Find = Find,
            Score = Score,
            Deliver = Deliver,
            Interrupt = source.Interrupt,
            Idle = Idle,
        })
        {
            stages.Run(stop);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        long peakMemory = Math.Max(process.PeakWorkingSet64, process.WorkingSet64);    // .NET knows no peak on macOS, and says 0: there it is the memory at the end
        return new RunReport(delivered, faces, lastTrackId, delivered / seconds, timings.Summarize(), startupMs, firstFrameMs, peakMemory / 1048576.0);
    }

    private bool TryCapture(FrameSlot slot)
    {
        if (captured == MaxFrames)
        {
            return false;
        }

        using StageTimings.Measurement reading = timings.Measure("read");
        ReachedEnd = !source.Read(slot.Frame, out TimeSpan timestamp);
        (slot.Source, slot.Timestamp, slot.CapturedAt) = (source.Current, timestamp, Stopwatch.GetTimestamp());
        slot.Number = slot.Source == numbered.Source ? numbered.Frames : 0;
        numbered = (slot.Source, slot.Number + 1);
        captured++;
        return !ReachedEnd;
    }

    private void Find(FrameSlot slot) => finder.Find(slot.Frame, slot.Timestamp, slot.Faces, slot.Suspected);

    private void Score(FrameSlot slot)
    {
        scorer.Score(slot.Frame, slot.Faces, slot.Results);
        for (int i = 0; i < slot.Results.Count; i++)
        {
            FaceResult face = slot.Results[i];
            EmotionScores scores = Baselines?.Correct(face.TrackId, face.Scores, slot.Timestamp) ?? face.Scores;
            slot.Results[i] = face.With(Smoother?.Update(face.TrackId, scores, slot.Timestamp) ?? EmotionReading.Of(scores, UncertainBelow), Doubts);
        }
    }

    private bool Deliver(FrameSlot slot)
    {
        var result = new FrameResult(slot.Number, slot.Timestamp, slot.Results, slot.CapturedAt, slot.Source, slot.Suspected);
        foreach (IFrameSink sink in Sinks)
        {
            sink.Write(slot.Frame, result);
        }

        timings.Add(Latency, Stopwatch.GetElapsedTime(slot.CapturedAt));
        firstFrameMs = delivered++ == 0 ? startupMs + Stopwatch.GetElapsedTime(start).TotalMilliseconds : firstFrameMs;
        faces += slot.Results.Count;
        foreach (FaceResult face in slot.Results)
        {
            lastTrackId = Math.Max(lastTrackId, face.TrackId);    // track ids count from 1
        }

        return IsRunning();
    }
}
