using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>What the user asked for: see the command line's options of the same names.</summary>
internal sealed record DetectorOptions
{
    public const int SmallestFacePixels = 20;

    /// <summary>Each a camera's number, a file, a folder or a URL; none for the generated clip.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Whether they came in a list, which is one of many inputs even if it names one.</summary>
    public required bool AreListed { get; init; }
    public required int Jobs { get; init; }
    public required double ReconnectSeconds { get; init; }
    public CameraBackend CameraBackend { get; init; }
    public required int Loop { get; init; }
    public required long? MaxFrames { get; init; }

    /// <summary>The emotion model's file; null for the one inside.</summary>
    public required string? Model { get; init; }
    public required SmoothingOptions Smoothing { get; init; }

    public required FaceDetectorKind FaceDetector { get; init; }
    public required string? FaceModel { get; init; }

    /// <summary>Null for the default of the input's kind.</summary>
    public required int? DetectWidth { get; init; }

    /// <summary>Faces are looked for in every so many frames; null for adaptive.</summary>
    public required int? DetectEvery { get; init; }
    public required int MinFacePixels { get; init; }

    /// <summary>Whether the run reports faces that it left out for being too small.</summary>
    public bool HintsAtSmaller { get; init; } = true;

    public required bool Headless { get; init; }
    public required bool BlurFaces { get; init; }
    public required string Snapshots { get; init; }
    public required string? Output { get; init; }
    public required string? Events { get; init; }
    public required string? Timings { get; init; }

    /// <summary>The variant of CSV that events are written in.</summary>
    public EventFormat Csv { get; init; } = EventFormat.Csv;
    public required string? Report { get; init; }
    public required bool ReportThumbnails { get; init; }
    public required bool Force { get; init; }

    /// <summary>Which part of very many inputs is done; null where it is no archive.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether shards get the same amount of bytes.</summary>
    public bool ShardBySize { get; init; }

    /// <summary>Where a shard tells how far it is.</summary>
    public string? Progress { get; init; }

    /// <summary>The files named for results.</summary>
    public IEnumerable<string> ResultFiles => new[] { Output, Events, Timings, Report }.OfType<string>();

    /// <summary>Whether the run needs OpenCV whatever its inputs are: to draw, to blur, for a window, or for a cascade.</summary>
    public bool NeedsOpenCv => !Headless || FindsOrDrawsByOpenCv;

    /// <summary>As <see cref="NeedsOpenCv"/>, without regard to a window.</summary>
    public bool FindsOrDrawsByOpenCv => Output is not null || BlurFaces || (Report is not null && ReportThumbnails)
        || (FaceDetector != FaceDetectorKind.Cropped && !FaceDetectors.IsYuNet(FaceDetector, FaceModel));

    /// <summary>Makes sure that results are called what they will be.</summary>
    public void CheckEndings()
    {
        if (Output is not null && !AnnotatedPictures.AreMeant(Output))
        {
            VideoEncoder.Check(Output);
        }

        OutputFiles.CheckEnding(Events, EventLog.Endings);
        if (Csv != EventFormat.Csv && (Events is null || !EventLog.IsCsv(Events)))
        {
            throw new UsageException($"--csv-excel is for events as CSV: name a file that ends in .csv with '--events', of several inputs '{{name}}.csv'.");
        }

        OutputFiles.CheckEnding(Timings, ".json");
        OutputFiles.CheckEnding(Report, ".html", ".htm");
    }

    /// <summary>The same with results in other files. Each is renamed by what was named and the usual ending.</summary>
    public DetectorOptions WithResults(Func<string, string, string> rename, string outputEnding) => this with
    {
        Output = Output is null ? null : rename(Output, outputEnding),
        Events = Events is null ? null : rename(Events, ".jsonl"),
        Report = Report is null ? null : rename(Report, ".html"),
        Timings = Timings is null ? null : rename(Timings, ".json"),
    };
}
