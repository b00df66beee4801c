using System.Text.Json;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.OnnxRuntime;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector;

/// <summary>Opens everything that a run needs, runs, and closes everything, whatever happens.</summary>
internal static class DetectorProgram
{
    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Runs.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="stop">Asks to stop after the frame in progress.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        OutputFiles.CheckDistinct(options.Input, options.ResultFiles);
        OutputFiles.CheckFree(options.Force, options.ResultFiles);

        // What can be wrong with the input is found out before any result file is created.
        using IFrameSource source = options.Input is null ? new DemoSource() : FrameSources.Open(options.Input, Console.Error.WriteLine, options.Loop);
        using EmotionClassifier classifier = LoadClassifier(options.Model);
        using IFaceDetector detector = LoadDetector(options, source);
        using DetectorWindow? window = options.Headless ? null : new DetectorWindow(source.IsLive, options.Snapshots, stop);
        using AnnotatedVideo? video = options.Output is null ? null : new AnnotatedVideo(options.Output, source.FramesPerSecond);
        using EventLog? events = options.Events is null ? null : EventLog.Create(options.Events);
        using FileStream? reportFile = options.Report is null ? null : OutputFiles.Create(options.Report);
        using FileStream? timingsFile = options.Timings is null ? null : OutputFiles.Create(options.Timings);

        var timings = new StageTimings();
        RunStory? story = options.Report is null ? null : new RunStory(source.FramesPerSecond, options.ReportThumbnails);
        DetectionSchedule? schedule = source is ImageSource ? null : new DetectionSchedule(options.DetectEvery, source.FramesPerSecond);
        var run = new DetectionRun(source, new FaceFinder(detector, schedule, timings), new FaceScorer(classifier, timings), timings)
        {
            // Pictures of a folder are no moments of a film: each speaks for itself.
            Smoother = new TrackSmoother(source is ImageSource ? options.Smoothing with { TimeConstantSeconds = 0 } : options.Smoothing),
            Blur = options.BlurFaces ? new FaceBlur() : null,
            Story = story,
            Events = events,
            Video = video,
            Window = window,
            MaxFrames = options.MaxFrames ?? (source is DemoSource && options.Headless ? DemoSource.CycleFrames : null),
        };
        RunReport report;
        try
        {
            report = run.Run(stop);
        }
        finally
        {
            // What was seen before a camera was unplugged, say, is worth telling too.
            if (reportFile is not null)
            {
                StoryPage.Write(reportFile, source.Name, story!.Tell());
            }
        }

        if (timingsFile is not null)
        {
            JsonSerializer.Serialize(timingsFile, report, JsonOptions);
        }

        // Standard output may be the events'.
        TextWriter summary = options.Events == EventLog.StandardOutput ? Console.Error : Console.Out;
        summary.WriteLine($"{source.Name}: {report.Frames} frames, {report.Faces} faces, {report.FramesPerSecond:0.0} frames/s");
        if (run.ReachedEnd && source is ImageSource)
        {
            window?.Linger();
        }

        return ExitCodes.Success;
    }

    // One thread: the stages overlap, and so fill the processor's cores better than a small network's nodes do.
    private static EmotionClassifier LoadClassifier(string? model)
    {
        var session = new SessionOptions { IntraOpThreads = 1 };
        return model is null ? EmotionClassifier.LoadDefault(session) : new EmotionClassifier(model, session);
    }

    private static IFaceDetector LoadDetector(DetectorOptions options, IFrameSource source) =>
        FaceDetectors.Load(options.FaceDetector, options.FaceModel, new FaceDetectorOptions
        {
            DetectWidth = options.DetectWidth ?? (source is ImageSource ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth),
            MinFacePixels = options.MinFacePixels,
        });
}
