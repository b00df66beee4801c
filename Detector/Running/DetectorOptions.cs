using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>The options of a run, as on the command line.</summary>
internal sealed record DetectorOptions
{
    /// <summary>The lowest setting of <see cref="MinFacePixels"/>.</summary>
    public const int MinFacePixelsFloor = 20;

    /// <summary>Cameras' numbers, files, folders or URLs; empty for the generated clip.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Whether the inputs came from a list, which counts as several inputs even with one entry.</summary>
    public required bool AreListed { get; init; }
    public required int Jobs { get; init; }
    public required double ReconnectSeconds { get; init; }
    public CameraBackend CameraBackend { get; init; }
    public required int Loop { get; init; }
    public required long? MaxFrames { get; init; }

    /// <summary>The emotion model's file; null for the built-in model.</summary>
    public required string? Model { get; init; }
    public required SmoothingOptions Smoothing { get; init; }

    public required FaceDetectorKind FaceDetector { get; init; }
    public required string? FaceModel { get; init; }

    /// <summary>Width in pixels to which frames are scaled for detection; null for the default of the input's kind.</summary>
    public required int? DetectWidth { get; init; }

    /// <summary>Detection interval in frames; null for the adaptive schedule.</summary>
    public required int? DetectEvery { get; init; }
    public required int MinFacePixels { get; init; }

    /// <summary>Whether the run reports faces left out because they were too small.</summary>
    public bool ReportsSmallFaces { get; init; } = true;

    public required bool Headless { get; init; }
    public required bool BlurFaces { get; init; }
    public required string Snapshots { get; init; }
    public required string? Output { get; init; }
    public required string? Events { get; init; }
    public required string? Timings { get; init; }

    /// <summary>The CSV variant of events.</summary>
    public EventFormat Csv { get; init; } = EventFormat.Csv;
    public required string? Report { get; init; }
    public required bool ReportThumbnails { get; init; }
    public required bool Force { get; init; }

    /// <summary>The shard of an archive to process; null for a normal run.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether shards are balanced by bytes rather than by number of inputs.</summary>
    public bool ShardBySize { get; init; }

    /// <summary>The file to which a shard writes its progress.</summary>
    public string? Progress { get; init; }

    /// <summary>All named result files.</summary>
    public IEnumerable<string> ResultFiles => new[] { Output, Events, Timings, Report }.OfType<string>();

    /// <summary>Whether the run needs OpenCV for any input: to draw, to blur, or for a cascade. A window needs it too.</summary>
    public bool FindsOrDrawsByOpenCv => Output is not null || BlurFaces || (Report is not null && ReportThumbnails)
        || (FaceDetector != FaceDetectorKind.Cropped && !FaceDetectors.IsYuNet(FaceDetector, FaceModel));

    /// <summary>Checks that each result file has an extension of its format.</summary>
    /// <exception cref="UsageException">An extension is not supported.</exception>
    public void CheckEndings()
    {
        if (Output is not null && !AnnotatedPictures.IsPictureOutput(Output))
        {
            VideoEncoder.Check(Output);
        }

        OutputFiles.CheckEnding(Events, EventLog.Endings);
        if (Csv != EventFormat.Csv && (Events is null || !EventLog.IsCsv(Events)))
        {
            throw new UsageException("'--csv-excel' needs events as CSV: name a file that ends in .csv with '--events', or '{name}.csv' for several inputs.");
        }

        OutputFiles.CheckEnding(Timings, ".json");
        OutputFiles.CheckEnding(Report, ".html", ".htm");
    }

    /// <summary>Returns a copy with other result files; <paramref name="rename"/> receives each named path and its default extension.</summary>
    public DetectorOptions WithResults(Func<string, string, string> rename, string outputEnding) => this with
    {
        Output = Output is null ? null : rename(Output, outputEnding),
        Events = Events is null ? null : rename(Events, ".jsonl"),
        Report = Report is null ? null : rename(Report, ".html"),
        Timings = Timings is null ? null : rename(Timings, ".json"),
    };
}
