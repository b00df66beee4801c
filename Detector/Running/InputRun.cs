using System.Text.Json;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>Processes one input from the first frame to the last: opens its result files, runs the pipeline, and closes the files in every case.</summary>
internal static class InputRun
{
    // A video's small faces are reported if more than one in this many searched frames has any.
    private const int FramesPerHint = 10;

    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static RunReport Run(
        DetectorOptions options, IFrameSource source, IEmotionModel model, Action<FrameResult> observe, Action<string> report, CancellationToken stop)
    {
        // Still images are independent: no tracking, no smoothing, no playback rate.
        bool areStills = source is ImageSource;
        if (areStills && (options.Segments ?? options.Summary) is { } named)
        {
            throw new UsageException($"{named}: {source.Name} has still images, which have no duration. Segments need a video; leave out '--segments' and '--summary'.");
        }

        var timings = new StageTimings();
        using var locks = new OutputLocks(options.ResultFiles);
        RecognitionOptions recognition = options.Recognition;
        using IFaceDetector detector = recognition.LoadDetector(areStills, options.ReportsSmallFaces);
        IBaselines? baselines = options.Resting.Load(options, model, areStills, report, stop);
        using DetectorWindow? window = options.Headless ? null : new DetectorWindow(source, options.Snapshots, timings, stop);
        using AnnotatedImages? images = source is ImageSource stills && options.Output is { } output && AnnotatedImages.IsImageOutput(output)
            ? new AnnotatedImages(output, stills, options.Force, timings) : null;
        using AnnotatedVideo? video = options.Output is null || images is not null ? null
            : new AnnotatedVideo(options.Output, source.FramesPerSecond, source.IsLive, SoundOf(source, options), timings, report, stop);
        OutputFiles.CheckWritable(makesFolders: false, options.ResultFiles.Where(path => images is null || path != options.Output));
        using IEventLog? events = options.Events is null ? null : EventLog.Create(options.Events, timings, options.Csv);
        using FaceBlur? blur = options.BlurFaces ? new FaceBlur() : null;
        TimelineBuilder? timeline = options.Report is null ? null : new TimelineBuilder(source.FramesPerSecond, options.ReportThumbnails, areStills);
        SegmentBuilder? segments = areStills || (options.Segments ?? options.Summary ?? options.Report) is null ? null
            : new SegmentBuilder(options.SegmentSettings, (decimal)(1000 / source.FramesPerSecond));
        var observer = new Observer(observe);
        // With blurring, every frame is searched: a new face would otherwise be visible until the next detection.
        IFaceFinder finder = areStills ? new StillFaceFinder(detector, timings)
            : new FaceFinder(detector, new DetectionSchedule(options.BlurFaces ? 1 : recognition.DetectInterval, source.FramesPerSecond), timings);
        var run = new DetectionRun(source, finder, new FaceScorer(model, timings), timings)
        {
            Smoother = areStills ? null : new TrackSmoother(recognition.Smoothing),
            UncertainBelow = recognition.UncertainBelow,
            Doubts = recognition.Doubts,
            Baselines = baselines,
            Sinks = [.. new IFrameSink?[] { observer, blur, timeline, segments, events, video, images, window }.OfType<IFrameSink>()],
            Idle = window is null ? null : window.Idle,
            IsRunning = () => window is null || window.IsRunning,
            MaxFrames = MaxFrames(source, options),
        };
        RunReport figures;
        try
        {
            figures = run.Run(stop);
        }
        finally
        {
            // Also written after a failure, such as an unplugged camera.
            SegmentTable? table = segments?.Build();
            if (options.Report is not null)
            {
                AtomicFile.WriteText(options.Report, TimelinePage.ToHtml(source.Name, timeline!.Build(), table, options.SegmentSettings));
            }

            if (options.Segments is not null)
            {
                SegmentFile.Write(options.Segments, table!, options.Csv);
            }

            if (options.Summary is not null)
            {
                SegmentFile.WriteSummary(options.Summary, table!, options.Csv);
            }
        }

        if (options.Timings is not null)
        {
            AtomicFile.WriteText(options.Timings, JsonSerializer.Serialize(figures, JsonOptions));
        }

        if (run.ReachedEnd && areStills)
        {
            window?.Linger();
        }

        if (areStills && figures.Faces > 0 && observer.SmallWithoutFace > 0)
        {
            report($"{source.Name}: no face found in {observer.SmallWithoutFace} of the images below {Observer.SmallSide} pixels a side. If each image is a cropped face, add '--cropped'.");
        }

        if ((baselines as TrackBaselines)?.Shortfall is { } shortfall)
        {
            report($"{source.Name}: {shortfall}");
        }

        if (SmallFacesHint(detector.Smaller, recognition.MinFacePixels, areStills) is { } hint)
        {
            report($"{source.Name}: {hint}");
        }

        return figures;
    }

    /// <summary>A message about faces left out because they were too small, and the option that includes them. Null if there were none, or in a video if too
    /// few frames had any.</summary>
    public static string? SmallFacesHint(SmallerFaces smaller, int minFacePixels, bool areStills)
    {
        string remedy = $"'--min-face-pixels {RecognitionOptions.MinFacePixelsFloor}' includes them.";
        return areStills && smaller.Faces > 0 ? $"{Quantity.Pluralize(smaller.Faces, "face")} smaller than {minFacePixels} pixels left out; {remedy}"
            : smaller.Frames * FramesPerHint > smaller.Searched ? $"faces smaller than {minFacePixels} pixels left out, up to {smaller.MaxPerFrame} in a frame; {remedy}"
            : null;
    }

    /// <summary>The expected number of frames; null if unknown.</summary>
    public static long? ExpectedFrames(IFrameSource source, DetectorOptions options) =>
        new[] { source.FrameCount, MaxFrames(source, options) }.Min();

    private static long? MaxFrames(IFrameSource source, DetectorOptions options) =>
        options.MaxFrames ?? (source is DemoSource && options.Headless ? DemoSource.CycleFrames : null);

    /// <summary>Summarizes a run in one line.</summary>
    public static string Summarize(string name, RunReport report, IEnumerable<string> written, bool isStopped = false)
    {
        string files = string.Join(", ", written.Where(file => file != OutputFiles.StandardOutput));
        string unit = Directory.Exists(name) || FrameSources.IsStill(name) ? "image" : "frame";
        return $"{name}: {Quantity.Pluralize(report.Frames, unit)}, {Quantity.Pluralize(report.DifferentFaces, "face")}, {report.FramesPerSecond:0.0} {unit}s/s"
            + (isStopped ? "; stopped" : "") + (files.Length > 0 ? $"; wrote {files}" : "");
    }

    /// <summary>The advice for a run in which no face was found.</summary>
    public static string Hint(RecognitionOptions options)
    {
        string detector = options.IsYuNet ? "" : "YuNet, the default face detector, which finds more than a cascade, ";
        return $"No face was found. Try {detector}'--min-face-pixels {RecognitionOptions.MinFacePixelsFloor}' (now {options.MinFacePixels}), "
            + "or '--cropped' where each image is a face already.";
    }

    // Only a file played once has sound; that of a camera or of repeated rounds would have to be recorded.
    private static Sound? SoundOf(IFrameSource source, DetectorOptions options) =>
        source is VideoReader { IsLive: false } video && options.Loop == 1 && File.Exists(source.Name) && !SpecialFile.IsPipe(source.Name)
            ? new Sound(source.Name, video.StartTime) : null;

    // Also counts small images without a face. They may be cropped faces, in which a detector finds nothing for lack of surroundings.
    private sealed class Observer(Action<FrameResult> observe) : IFrameSink
    {
        public const int SmallSide = 100;

        public int SmallWithoutFace { get; private set; }

        public void Write(Frame frame, FrameResult result)
        {
            observe(result);
            SmallWithoutFace += result.Faces.Count == 0 && Math.Max(frame.Width, frame.Height) < SmallSide ? 1 : 0;
        }
    }
}
