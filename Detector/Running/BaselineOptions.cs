using System.Globalization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>The option of a resting face, by which a run corrects its answers.</summary>
internal sealed record BaselineOptions
{
    private const double MaxSeconds = 60;

    [Setting("Correct the answers by a person's resting face, which the model may take for sad or angry: by a clip or image of it, or by each face's first seconds, such as 3, which must show it at rest.", Value = "CLIP|SECONDS", Check = nameof(CheckBaseline))]
    public string? Baseline { get; init; }

    private TimeSpan? Duration => SecondsOf(Baseline) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The message about a value of <c>--baseline</c>; null if it is valid.</summary>
    public static string? CheckBaseline(string typed) =>
        SecondsOf(typed) is { } seconds
            ? seconds is > 0 and <= MaxSeconds ? null : $"--baseline is {typed}, but must be above 0 and at most {MaxSeconds} seconds."
            : File.Exists(typed) ? null : $"{typed}: no such file. Give '--baseline' a clip or image of the resting face, or seconds, such as 3.";

    /// <summary>Returns the corrections of an input; null without the option.</summary>
    /// <param name="areStills">Whether the input has still images, whose faces have no first seconds.</param>
    /// <param name="report">Receives the number of frames that the clip's baseline is learned from.</param>
    /// <exception cref="UsageException">The clip has no face, or several in a frame; or seconds are given for still images.</exception>
    public IBaselines? Load(DetectorOptions run, IEmotionModel model, bool areStills, Action<string> report, CancellationToken stop) =>
        Baseline is null ? null
        : Duration is not { } duration ? new SharedBaseline(Learn(Baseline, run.Recognition, model, report, stop))
        : !areStills ? new TrackBaselines(duration)
        : throw new UsageException($"--baseline {Baseline}: still images have no first seconds. Give it an image of the resting face.");

    private static NeutralBaseline Learn(string path, RecognitionOptions recognition, IEmotionModel model, Action<string> report, CancellationToken stop)
    {
        var baseline = new NeutralBaseline();
        using IFrameSource source = FrameSources.Open(path, report, stop: stop);
        var run = new DetectorOptions { Recognition = recognition with { SmoothingSeconds = 0 }, Headless = true, ReportsSmallFaces = false };
        InputRun.Run(run, source, model, Add, report, stop);
        if (baseline.Count == 0 && !stop.IsCancellationRequested)
        {
            throw new UsageException($"{path}: no face in it; a baseline needs a clip or image of one resting face.");
        }

        report($"baseline: {Quantity.Pluralize(baseline.Count, "frame")} of the resting face in {path}");
        return baseline;

        void Add(FrameResult frame)
        {
            if (frame.Faces.Count > 1)
            {
                throw new UsageException($"{path}: {frame.Faces.Count} faces in frame {frame.Frame}; a baseline needs the resting face alone.");
            }

            frame.Faces.ForEach(face => baseline.Add(face.Scores));
        }
    }

    private static double? SecondsOf(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : null;
}
