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
    private readonly long processStart = Stopwatch.GetTimestamp() - (long)((DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds * Stopwatch.Frequency);

    /// <summary>Receives each frame's faces; null for nobody.</summary>
    public EventLog? Events { get; init; }

    /// <summary>Receives the annotated frames; null for nobody.</summary>
    public AnnotatedVideo? Video { get; init; }

    /// <summary>Shows the annotated frames; null for nobody.</summary>
    public DetectorWindow? Window { get; init; }

    /// <summary>Frames after which to stop; null for all.</summary>
    public long? MaxFrames { get; init; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled.</summary>
    /// <param name="stop">Asks to stop after the frame in progress.</param>
    public RunReport Run(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        long frames = 0;
        long faces = 0;
        bool goOn = true;
        using var frame = new Mat();
        while (goOn && !stop.IsCancellationRequested && frames < (MaxFrames ?? long.MaxValue) && Read(frame, out TimeSpan timestamp))
        {
            var result = new FrameResult(frames, timestamp, pipeline.Process(frame));
            goOn = Deliver(frame, result);
            frames++;
            faces += result.Faces.Count;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        return new RunReport(
            frames, faces, frames / seconds, timings.Summarize(),
            Stopwatch.GetElapsedTime(processStart, start).TotalMilliseconds, process.PeakWorkingSet64 / 1048576.0);
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
