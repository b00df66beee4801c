using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector.Running;

/// <summary>What the user asked for: see the command line's options of the same names.</summary>
internal sealed record DetectorOptions
{
    /// <summary>Each a camera's number, a file, a folder or a URL; none for the generated clip.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    public int Jobs { get; init; } = 1;

    public double ReconnectSeconds { get; init; }

    /// <summary>The emotion model's file; null for the one inside.</summary>
    public string? Model { get; init; }

    public FaceDetectorKind FaceDetector { get; init; }

    public string? FaceModel { get; init; }

    /// <summary>Null for the default of the input's kind.</summary>
    public int? DetectWidth { get; init; }

    /// <summary>Faces are looked for in every so many frames; null for adaptive.</summary>
    public int? DetectEvery { get; init; }

    public int MinFacePixels { get; init; } = FacePreprocessor.Size;

    public int Loop { get; init; } = 1;

    public bool Headless { get; init; }

    public string? Output { get; init; }

    public string? Events { get; init; }

    public string? Timings { get; init; }

    public string? Report { get; init; }

    public bool ReportThumbnails { get; init; }

    public string Snapshots { get; init; } = ".";

    public bool Force { get; init; }

    public SmoothingOptions Smoothing { get; init; } = new();

    public bool BlurFaces { get; init; }

    public long? MaxFrames { get; init; }

    /// <summary>The files named for results; null for those not named.</summary>
    public IEnumerable<string?> ResultFiles => [Output, Events, Timings, Report];
}
