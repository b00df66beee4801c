using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector;

/// <summary>What the user asked for.</summary>
internal sealed record DetectorOptions
{
    /// <summary>Each a camera's number, a file, a folder or a URL; none for the generated clip.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>How many inputs are run at a time.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>How long a camera or stream that fails is tried again; 0 for not at all.</summary>
    public double ReconnectSeconds { get; init; }

    /// <summary>The emotion model's file; null for the one inside.</summary>
    public string? Model { get; init; }

    /// <summary>How faces are found.</summary>
    public FaceDetectorKind FaceDetector { get; init; }

    /// <summary>The face detector's file; null for the one that is installed.</summary>
    public string? FaceModel { get; init; }

    /// <summary>The width that wider frames are scaled down to before faces are looked for; null for the default of the input's kind.</summary>
    public int? DetectWidth { get; init; }

    /// <summary>Faces are looked for in every so many frames; null for adaptive.</summary>
    public int? DetectEvery { get; init; }

    /// <summary>The side of the smallest face looked for, in pixels.</summary>
    public int MinFacePixels { get; init; } = FacePreprocessor.Size;

    /// <summary>How often a video is played.</summary>
    public int Loop { get; init; } = 1;

    /// <summary>Whether to do without a window.</summary>
    public bool Headless { get; init; }

    /// <summary>The annotated video's file; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>The events' file, or <c>-</c>; null for none.</summary>
    public string? Events { get; init; }

    /// <summary>The timings' file; null for none.</summary>
    public string? Timings { get; init; }

    /// <summary>The report's file; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Whether the report shows faces.</summary>
    public bool ReportThumbnails { get; init; }

    /// <summary>Where the window's snapshots go.</summary>
    public string Snapshots { get; init; } = ".";

    /// <summary>Whether results may overwrite files.</summary>
    public bool Force { get; init; }

    /// <summary>How steady answers are.</summary>
    public SmoothingOptions Smoothing { get; init; } = new();

    /// <summary>Whether faces are made unrecognizable in every output.</summary>
    public bool BlurFaces { get; init; }

    /// <summary>The files named for results; null for those not named.</summary>
    public IEnumerable<string?> ResultFiles => [Output, Events, Timings, Report];

    /// <summary>Frames after which to stop; null for all.</summary>
    public long? MaxFrames { get; init; }
}
