using System.Text.Json;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>Takes one input from its first frame to its last: opens all that the run writes to, runs, and closes it,
/// whatever happens.</summary>
internal static class InputRun
{
    // Of the frames in which faces are looked for: one in so many.
    private const int LeastShareOfFrames = 10;

    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static RunReport Run(
        DetectorOptions options, IFrameSource source, IEmotionModel model, IFrameSink? observer, Action<string> report, CancellationToken stop)
    {
        // Pictures of a folder are no moments of a film: each speaks for itself, and nobody waits for them.
        bool areStills = source is ImageSource;
        var timings = new StageTimings();
        using var locks = new OutputLocks(options.ResultFiles);
        using IFaceDetector detector = FaceDetectors.Load(options.FaceDetector, options.FaceModel, new FaceDetectorOptions
        {
            DetectWidth = options.DetectWidth ?? (areStills ? FaceDetectorOptions.StillDetectWidth : FaceDetectorOptions.VideoDetectWidth),
            MinFacePixels = options.MinFacePixels,
            MinCountedPixels = options.HintsAtSmaller ? DetectorOptions.SmallestFacePixels : int.MaxValue,
        });
        using DetectorWindow? window = options.Headless ? null : new DetectorWindow(source, options.Snapshots, timings, stop);
        using AnnotatedPictures? pictures = source is ImageSource stills && options.Output is { } output && AnnotatedPictures.AreMeant(output)
            ? new AnnotatedPictures(output, stills, options.Force, timings) : null;
        using AnnotatedVideo? video = options.Output is null || pictures is not null ? null
            : new AnnotatedVideo(options.Output, source.FramesPerSecond, source.IsLive, SoundOf(source, options), timings, report, stop);
        OutputFiles.CheckWritable(makesFolders: false, options.ResultFiles.Where(path => pictures is null || path != options.Output));
        using IEventLog? events = options.Events is null ? null : EventLog.Create(options.Events, timings, options.Csv);
        using FaceBlur? blur = options.BlurFaces ? new FaceBlur() : null;
        TimelineBuilder? timeline = options.Report is null ? null : new TimelineBuilder(source.FramesPerSecond, options.ReportThumbnails, areStills);
        var small = new SmallPictures();
        // A face that comes in between two detections would be shown until the second.
        IFaceFinder finder = areStills ? new StillFaces(detector, timings)
            : new FaceFinder(detector, new DetectionSchedule(options.BlurFaces ? 1 : options.DetectEvery, source.FramesPerSecond), timings);
        var run = new DetectionRun(source, finder, new FaceScorer(model, timings), timings)
        {
            Smoother = areStills ? null : new TrackSmoother(options.Smoothing),
            UncertainBelow = options.Smoothing.UncertainBelow,
            Sinks = [.. new IFrameSink?[] { observer, small, blur, timeline, events, video, pictures, window }.OfType<IFrameSink>()],
            Idle = window is null ? null : window.Idle,
            MaxFrames = MaxFrames(source, options),
        };
        RunReport figures;
        try
        {
            figures = run.Run(stop);
        }
        finally
        {
            // What was seen before a camera was unplugged, say, is worth telling too.
            if (options.Report is not null)
            {
                AtomicFile.WriteText(options.Report, TimelinePage.ToHtml(source.Name, timeline!.Build()));
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

        if (areStills && figures.Faces > 0 && small.WithoutFace > 0)
        {
            report($"{source.Name}: no face found in {small.WithoutFace} of the pictures below {SmallPictures.Side} pixels a side. If each is a face that was cut out, add '--cropped'.");
        }

        if (HintOfSmaller(detector.Smaller, options.MinFacePixels, areStills) is { } hint)
        {
            report($"{source.Name}: {hint}");
        }

        return figures;
    }

    /// <summary>A line on faces that were left out for being small, and how to get them; null without any, and in a film for those of a few frames.</summary>
    public static string? HintOfSmaller(SmallerFaces smaller, int minFacePixels, bool areStills)
    {
        string remedy = $"'--min-face-pixels {DetectorOptions.SmallestFacePixels}' takes them.";
        return areStills && smaller.Faces > 0 ? $"{Quantity.Pluralize(smaller.Faces, "face")} smaller than {minFacePixels} pixels left out; {remedy}"
            : smaller.Frames * LeastShareOfFrames > smaller.Searched ? $"faces smaller than {minFacePixels} pixels left out, up to {smaller.Most} in a frame; {remedy}"
            : null;
    }

    /// <summary>Frames after which a run stops; null for all.</summary>
    public static long? MaxFrames(IFrameSource source, DetectorOptions options) =>
        options.MaxFrames ?? (source is DemoSource && options.Headless ? DemoSource.CycleFrames : null);

    /// <summary>A run in one line.</summary>
    /// <param name="written">The result files.</param>
    public static string Summarize(string name, RunReport report, IEnumerable<string> written, bool isStopped = false)
    {
        string files = string.Join(", ", written.Where(file => file != OutputFiles.StandardOutput));
        string unit = Directory.Exists(name) || FrameSources.IsStill(name) ? "picture" : "frame";
        return $"{name}: {Quantity.Pluralize(report.Frames, unit)}, {Quantity.Pluralize(report.DifferentFaces, "face")}, {report.FramesPerSecond:0.0} {unit}s/s"
            + (isStopped ? "; stopped" : "") + (files.Length > 0 ? $"; wrote {files}" : "");
    }

    /// <summary>What to try where no face was found.</summary>
    public static string Hint(DetectorOptions options)
    {
        string detector = FaceDetectors.IsYuNet(options.FaceDetector, options.FaceModel) ? "" : "YuNet, the default face detector, which finds more than a cascade, ";
        return $"No face was found. Try {detector}'--min-face-pixels {DetectorOptions.SmallestFacePixels}' (now {options.MinFacePixels}), "
            + "or '--cropped' where each picture is a face already.";
    }

    // A file that is played once; a camera's sound, or that of several rounds, would have to be recorded.
    private static Sound? SoundOf(IFrameSource source, DetectorOptions options) =>
        source is VideoReader { IsLive: false } video && options.Loop == 1 && File.Exists(source.Name) && !SpecialFile.IsPipe(source.Name)
            ? new Sound(source.Name, video.StartTime) : null;

    // Those that may be faces themselves: around a face that was cut out, there is nothing for a detector to find it by.
    private sealed class SmallPictures : IFrameSink
    {
        public const int Side = 100;

        public int WithoutFace { get; private set; }

        public bool Write(Frame frame, FrameResult result)
        {
            WithoutFace += result.Faces.Count == 0 && Math.Max(frame.Width, frame.Height) < Side ? 1 : 0;
            return true;
        }
    }
}
