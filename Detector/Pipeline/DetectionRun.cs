using System.Diagnostics;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Native.OpenCv;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Takes frames from a source through the pipeline to whatever shows or keeps the results. Owns none of them.</summary>
/// <param name="source">Where frames come from.</param>
/// <param name="pipeline">Finds and scores the faces.</param>
/// <param name="timings">Measures the stages.</param>
internal sealed class DetectionRun(IFrameSource source, FacePipeline pipeline, StageTimings timings)
{
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

    /// <summary>Shows the annotated frames; null for nobody.</summary>
    public DetectorWindow? Window { get; init; }

    /// <summary>Frames after which to stop; null for all.</summary>
    public long? MaxFrames { get; init; }

    /// <summary>Whether the source came to its end, rather than the user quitting.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled.</summary>
    /// <param name="stop">Asks to stop after the frame in progress.</param>
    public RunReport Run(CancellationToken stop)
    {
        using var process = Process.GetCurrentProcess();
        double startupMs = (DateTime.Now - process.StartTime).TotalMilliseconds;
        long start = Stopwatch.GetTimestamp();
        long frames = 0;
        long faces = 0;
        bool goOn = true;
        using var frame = new Mat();
        using var canvas = new Mat();
        while (goOn && !stop.IsCancellationRequested && frames < (MaxFrames ?? long.MaxValue))
        {
            if (!Read(frame, out TimeSpan timestamp))
            {
                ReachedEnd = true;
                break;
            }

            long taken = Stopwatch.GetTimestamp();
            var result = new FrameResult(frames, timestamp, Steady(pipeline.Process(frame), timestamp));
            goOn = Deliver(frame, canvas, result, taken);
            frames++;
            faces += result.Faces.Count;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new RunReport(frames, faces, frames / seconds, timings.Summarize(), startupMs, process.PeakWorkingSet64 / 1048576.0);
    }

    private bool Read(Mat frame, out TimeSpan timestamp)
    {
        using (timings.Measure("read"))
        {
            return source.Read(frame, out timestamp);
        }
    }

    private IReadOnlyList<FaceResult> Steady(IReadOnlyList<FaceResult> faces, TimeSpan timestamp) => Smoother is null
        ? faces
        : [.. faces.Select(face => face.With(Smoother.Update(face.TrackId, face.Scores, timestamp)))];

    private bool Deliver(Mat frame, Mat canvas, FrameResult result, long taken)
    {
        Blur?.Apply(frame, result.Faces, result.Timestamp);
        Story?.Add(frame, result);
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
                frame.CopyTo(canvas);
                Annotator.Draw(canvas, result.Faces);
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
            return Window.Show(frame, result, Stopwatch.GetElapsedTime(taken));
        }
    }
}
