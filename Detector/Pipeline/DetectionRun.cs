using System.Diagnostics;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Takes frames from a source through the stages to whatever shows or keeps the results. Owns none of them.</summary>
/// <param name="source">Where frames come from.</param>
/// <param name="finder">Finds the faces.</param>
/// <param name="scorer">Scores them.</param>
/// <param name="timings">Measures the stages.</param>
internal sealed class DetectionRun(IFrameSource source, FaceFinder finder, FaceScorer scorer, StageTimings timings)
{
    /// <summary>The measurement from a frame's capture to its delivery.</summary>
    public const string Latency = "latency";

    private readonly Annotator annotator = new();
    private long found;
    private long delivered;
    private long faces;
    private double firstFrameMs;

    /// <summary>Makes steady answers; null to let each frame speak for itself.</summary>
    public TrackSmoother? Smoother { get; init; }

    /// <summary>Hides faces before anybody sees the frame; null to show them.</summary>
    public FaceBlur? Blur { get; init; }

    /// <summary>Receives each frame's faces and their pictures; null for nobody.</summary>
    public RunStory? Story { get; init; }

    /// <summary>Receives each frame's faces; null for nobody.</summary>
    public EventLog? Events { get; init; }

    /// <summary>Receives the annotated frames; null for nobody.</summary>
    public AnnotatedVideo? Video { get; init; }

    /// <summary>Shows the annotated frames; null for nobody. Used on the thread that calls <see cref="Run"/> only.</summary>
    public DetectorWindow? Window { get; init; }

    /// <summary>Told of every frame when it is delivered; null for nobody.</summary>
    public Action<FrameResult>? Observer { get; init; }

    /// <summary>Frames after which to stop; null for all.</summary>
    public long? MaxFrames { get; init; }

    /// <summary>Whether the source came to its end, rather than the user quitting.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled.</summary>
    /// <param name="stop">Asks to stop; frames on their way are finished.</param>
    public RunReport Run(CancellationToken stop)
    {
        double startupMs = SinceProcessStart();
        long start = Stopwatch.GetTimestamp();
        using var canvas = new Mat();
        using (var stages = new FrameStages(source.IsLive)
        {
            Capture = Capture,
            Find = Find,
            Score = Score,
            Deliver = slot => Deliver(slot, canvas),
            Interrupt = source.Interrupt,
            Idle = Window is null ? null : Window.Idle,
        })
        {
            stages.Run(stop);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        return new RunReport(delivered, faces, delivered / seconds, timings.Summarize(), startupMs, firstFrameMs, process.PeakWorkingSet64 / 1048576.0);
    }

    private static double SinceProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return (DateTime.Now - process.StartTime).TotalMilliseconds;
    }

    private bool Capture(FrameSlot slot)
    {
        using (timings.Measure("read"))
        {
            if (!source.Read(slot.Frame, out TimeSpan timestamp))
            {
                ReachedEnd = true;
                return false;
            }

            (slot.Timestamp, slot.CapturedAt) = (timestamp, Stopwatch.GetTimestamp());
            return true;
        }
    }

    private bool Find(FrameSlot slot)
    {
        slot.Number = found++;
        finder.Find(slot.Frame, slot.Faces);
        return found < (MaxFrames ?? long.MaxValue);
    }

    private bool Score(FrameSlot slot)
    {
        scorer.Score(slot.Frame, slot.Faces, slot.Results);
        for (int i = 0; Smoother is not null && i < slot.Results.Count; i++)
        {
            FaceResult face = slot.Results[i];
            slot.Results[i] = face.With(Smoother.Update(face.TrackId, face.Scores, slot.Timestamp));
        }

        return true;
    }

    private bool Deliver(FrameSlot slot, Mat canvas)
    {
        bool goOn = Deliver(slot, canvas, new FrameResult(slot.Number, slot.Timestamp, slot.Results));
        timings.Add(Latency, Stopwatch.GetElapsedTime(slot.CapturedAt));
        firstFrameMs = delivered == 0 ? SinceProcessStart() : firstFrameMs;
        delivered++;
        faces += slot.Results.Count;
        return goOn;
    }

    private bool Deliver(FrameSlot slot, Mat canvas, FrameResult result)
    {
        Observer?.Invoke(result);
        Blur?.Apply(slot.Frame, result.Faces, result.Timestamp);
        Story?.Add(slot.Frame, result);
        if (Events is not null)
        {
            using (timings.Measure("events"))
            {
                Events.Write(result);
            }
        }

        if (Video is not null)
        {
            using (timings.Measure("draw"))
            {
                // The window draws otherwise: mirrored perhaps, or without bars.
                slot.Frame.CopyTo(canvas);
                annotator.Draw(canvas, result.Faces);
            }

            using (timings.Measure("encode"))
            {
                Video.Write(canvas, result.Timestamp);
            }
        }

        if (Window is null)
        {
            return true;
        }

        using (timings.Measure("show"))
        {
            return Window.Show(slot.Frame, result, Stopwatch.GetElapsedTime(slot.CapturedAt));
        }
    }
}
