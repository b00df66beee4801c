using MlNetEmotion.Detector.Faces;

namespace MlNetEmotion.Detector.Serving;

/// <summary>What the user asked for: see the command line's options of the same names.</summary>
internal sealed record ServeOptions
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    public required IReadOnlyList<string> Urls { get; init; }
    public required string? Token { get; init; }
    public required bool OpensBrowser { get; init; }

    /// <summary>The emotion model's file; null for the one inside.</summary>
    public required string? Model { get; init; }
    public required FaceDetectorKind FaceDetector { get; init; }
    public required string? FaceModel { get; init; }

    /// <summary>Null for the default of a still picture, or of a stream.</summary>
    public required int? DetectWidth { get; init; }
    public required int MinFacePixels { get; init; }
    public required double UncertainBelow { get; init; }
}

/// <summary>What clients may take of the machine. Each is a setting <c>Limits:NAME</c> of ASP.NET Core's configuration, for example the
/// variable <c>Limits__Megapixels</c>.</summary>
internal sealed record ServeLimits
{
    /// <summary>A picture as it is sent, and one of a stream.</summary>
    public int PictureMegabytes { get; init; } = 20;
    public int StreamMegabytes { get; init; } = 4;

    /// <summary>A picture's pixels, by its header.</summary>
    public int Megapixels { get; init; } = 50;

    /// <summary>All pictures that are on their way at a time, as they are sent.</summary>
    public int BodiesMegabytes { get; init; } = 256;

    /// <summary>Pictures that are worked on at a time, and those that wait for their turn.</summary>
    public int Requests { get; init; } = 32;
    public int Queue { get; init; } = 64;

    /// <summary>How long a request may take, its sending included.</summary>
    public int RequestSeconds { get; init; } = 30;

    public int Connections { get; init; } = 2048;
    public int Streams { get; init; } = 32;

    /// <summary>Videos that are kept at a time, done or not: each may take this much of the temporary folder, and as much again as a quarter
    /// for its events.</summary>
    public int Videos { get; init; } = 4;
    public int VideoMegabytes { get; init; } = 256;
    public int VideoMegapixels { get; init; } = 9;

    /// <summary>Frames of a video that are worked on, and for how long: others wait meanwhile.</summary>
    public int VideoFrames { get; init; } = 54_000;
    public int VideoSeconds { get; init; } = 600;

    /// <summary>Videos that are being sent at a time, beside those that are kept, and how long that may take.</summary>
    public int VideoUploads { get; init; } = 8;
    public int VideoUploadSeconds { get; init; } = 600;
    public int VideoKeptSeconds { get; init; } = 600;

    public static long Bytes(int megabytes) => megabytes * 1_000_000L;
}
