using MlNetEmotion.Detector.Running;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The options of <c>Detector serve</c>, named as on the command line.</summary>
internal sealed record ServeOptions
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    // Other users can see the command line of a process, but not its environment.
    private const string TokenVariable = "MLNETEMOTION_TOKEN";

    [Setting($"The addresses to listen on, separated by ';'. Addresses that other machines can reach need --token. HTTPS needs a certificate, set by ASP.NET Core's settings. [default: {DefaultUrl}]", Value = "URL[;URL]")]
    public string Urls { get; init; } = DefaultUrl;
    [Setting($"Require this token: as 'Authorization: Bearer SECRET', or in a browser by opening /?token=SECRET. [default: the environment variable {TokenVariable}, or none]", Value = "SECRET")]
    public string? Token { get; init; } = Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } secret ? secret : null;
    [Setting("The path of the page and the API behind a proxy that keeps it. [default: the setting BasePath, or none]", Value = "PATH")] public string? BasePath { get; init; }
    [Setting("Do not open a browser.")] public bool NoOpen { get; init; }
    [Settings(Without = [nameof(RecognitionOptions.Cropped), nameof(RecognitionOptions.DetectEvery), nameof(RecognitionOptions.SmoothingSeconds)])]
    public RecognitionOptions Recognition { get; init; } = new();
}

/// <summary>Limits on the resources that clients may use. Each is a setting <c>Limits:NAME</c> of ASP.NET Core's configuration, for example the environment
/// variable <c>Limits__Megapixels</c>.</summary>
internal sealed record ServeLimits
{
    /// <summary>The maximum encoded size of an image, and of an image in a stream.</summary>
    public int PictureMegabytes { get; init; } = 20;
    public int StreamMegabytes { get; init; } = 4;

    /// <summary>The maximum number of pixels of an image, checked in its header.</summary>
    public int Megapixels { get; init; } = 50;

    /// <summary>The maximum encoded size of all images in progress together.</summary>
    public int BodiesMegabytes { get; init; } = 256;

    /// <summary>The maximum number of images processed at a time, and of images waiting.</summary>
    public int Requests { get; init; } = 32;
    public int Queue { get; init; } = 64;

    /// <summary>The time limit of a request, including the time to send it.</summary>
    public int RequestSeconds { get; init; } = 30;

    public int Connections { get; init; } = 2048;
    public int Streams { get; init; } = 32;

    /// <summary>The maximum number of videos kept at a time, done or not. Each may use <see cref="VideoMegabytes"/> of the temporary folder, and another
    /// quarter of that for its events.</summary>
    public int Videos { get; init; } = 4;
    public int VideoMegabytes { get; init; } = 256;
    public int VideoMegapixels { get; init; } = 9;

    /// <summary>The maximum number of frames processed of a video, and the maximum time, because other videos wait for it.</summary>
    public int VideoFrames { get; init; } = 54_000;
    public int VideoSeconds { get; init; } = 600;

    /// <summary>The maximum number of concurrent uploads of videos, which do not count as kept, and the time limit of each.</summary>
    public int VideoUploads { get; init; } = 8;
    public int VideoUploadSeconds { get; init; } = 600;
    public int VideoKeptSeconds { get; init; } = 600;

    public static long Bytes(int megabytes) => megabytes * 1_000_000L;
}
