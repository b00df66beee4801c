using System.Diagnostics;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Native.OpenCv;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>Takes frames from a source through the pipeline to whatever shows or keeps the results. Owns none of them.</summary>
/// <param name="source">Where frames come from.</param>
/// <param name="pipeline">Finds and scores the faces.</param>
/// <param name="timings">Measures the stages.</param>
internal sealed class DetectionRun(IFrameSource source, FacePipeline pipeline, StageTimings timings)
{
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
        while (goOn && !stop.IsCancellationRequested && frames < (MaxFrames ?? long.MaxValue))
        {
            if (!Read(frame, out TimeSpan timestamp))
            {
                ReachedEnd = true;
                break;
            }

            var result = new FrameResult(frames, timestamp, pipeline.Process(frame));
            goOn = Deliver(frame, result);
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

    private bool Deliver(Mat frame, FrameResult result)
    {
        if (Events is not null)
        {
            using (timings.Measure("events"))
            {
                Events.Write(result);
            }
        }

        if (Video is not null || Window is not null)
        {
            using (timings.Measure("draw"))
            {
                Annotator.Draw(frame, result.Faces);
            }
        }

        if (Video is not null)
        {
            using (timings.Measure("encode"))
            {
                Video.Write(frame, result.Timestamp);
            }
        }

        if (Window is null)
        {
            return true;
        }

        using (timings.Measure("show"))
        {
            return Window.Show(frame, result.Timestamp);
        }
    }
}
