using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A run's figures, as <c>--timings</c> writes them.</summary>
/// <param name="Faces">Faces found, all frames together.</param>
/// <param name="DifferentFaces">How many were followed from frame to frame; in pictures of a folder, each for itself.</param>
/// <param name="FramesPerSecond">Frames by the time from the first frame's reading to the last one's end.</param>
/// <param name="Stages">The stages of a frame, which overlap; <c>latency</c> is from a frame's capture to its delivery.</param>
/// <param name="StartupMs">From the process's start to the first frame's reading.</param>
/// <param name="FirstFrameMs">From the process's start to the first frame's delivery.</param>
/// <param name="PeakMemoryMb">The most memory that the process held at once, in units of 1,048,576 bytes.</param>
internal sealed record RunReport(
    long Frames, long Faces, int DifferentFaces, double FramesPerSecond, IReadOnlyList<StageTiming> Stages, double StartupMs, double FirstFrameMs, double PeakMemoryMb);

/// <summary>Takes frames from a source through the stages to the sinks. Owns none of them.</summary>
internal sealed class DetectionRun(IFrameSource source, IFaceFinder finder, FaceScorer scorer, StageTimings timings)
{
    /// <summary>The measurement from a frame's capture to its delivery.</summary>
    public const string Latency = "latency";

    private long found;
    private (string Source, long Frames) numbered = ("", 0);
    private long delivered;
    private long faces;
    private int lastTrackId;
    private long start;
    private double startupMs;
    private double firstFrameMs;

    /// <summary>Makes steady answers; null to let each frame speak for itself.</summary>
    public TrackSmoother? Smoother { get; init; }

    /// <summary>The probability, in [0, 1], below which an answer is uncertain where there is no smoother.</summary>
    public double UncertainBelow { get; init; }

    /// <summary>What receives each frame, in this order.</summary>
    public IReadOnlyList<IFrameSink> Sinks { get; init; } = [];

    /// <summary>Where a window wants the calling thread: lets it work while no frame is ready; false to end. Sinks are
    /// then called on that thread.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Frames after which to stop; null for all.</summary>
    public long? MaxFrames { get; init; }

    /// <summary>Whether the source came to its end, rather than the user quitting.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled; then frames on their way are
    /// finished.</summary>
    public RunReport Run(CancellationToken stop)
    {
        using var process = Process.GetCurrentProcess();
        startupMs = (DateTime.Now - process.StartTime).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        using (var stages = new FrameStages(source.IsLive)
        {
            Capture = Capture,
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

    private bool Capture(FrameSlot slot)
    {
        using StageTimings.Measurement reading = timings.Measure("read");
        ReachedEnd = !source.Read(slot.Frame, out TimeSpan timestamp);
        (slot.Source, slot.Timestamp, slot.CapturedAt) = (source.Current, timestamp, Stopwatch.GetTimestamp());
        return !ReachedEnd;
    }

    private bool Find(FrameSlot slot)
    {
        found++;
        slot.Number = slot.Source == numbered.Source ? numbered.Frames : 0;
        numbered = (slot.Source, slot.Number + 1);
        finder.Find(slot.Frame, slot.Timestamp, slot.Faces, slot.Suspected);
        return found < (MaxFrames ?? long.MaxValue);
    }

    private bool Score(FrameSlot slot)
    {
        scorer.Score(slot.Frame, slot.Faces, slot.Results);
        for (int i = 0; i < slot.Results.Count; i++)
        {
            FaceResult face = slot.Results[i];
            slot.Results[i] = face.With(Smoother?.Update(face.TrackId, face.Scores, slot.Timestamp) ?? EmotionReading.Of(face.Scores, UncertainBelow));
        }

        return true;
    }

    private bool Deliver(FrameSlot slot)
    {
        bool goOn = true;
        for (int i = 0; i < Sinks.Count; i++)
        {
            goOn &= Sinks[i].Write(slot.Frame, new FrameResult(slot.Number, slot.Timestamp, slot.Results, slot.CapturedAt, slot.Source, slot.Suspected));
        }

        timings.Add(Latency, Stopwatch.GetElapsedTime(slot.CapturedAt));
        firstFrameMs = delivered++ == 0 ? startupMs + Stopwatch.GetElapsedTime(start).TotalMilliseconds : firstFrameMs;
        faces += slot.Results.Count;
        foreach (FaceResult face in slot.Results)
        {
            lastTrackId = Math.Max(lastTrackId, face.TrackId);    // they count from 1
        }

        return goOn;
    }
}
