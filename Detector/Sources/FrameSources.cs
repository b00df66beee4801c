using System.Globalization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Images;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A source of frames. Dispose releases the device or file. Not thread-safe, except where noted.</summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>The source's name in messages: <c>camera 0</c>, <c>clip.mp4</c>.</summary>
    string Name { get; }

    /// <summary>The file or device of the last frame. Frames are numbered within it.</summary>
    string Current => Name;

    /// <summary>The playback rate of the frames; greater than 0.</summary>
    double FramesPerSecond { get; }

    /// <summary>Whether frames arrive in real time and are shown without delay.</summary>
    bool IsLive { get; }

    /// <summary>The expected number of frames; null if unknown.</summary>
    long? FrameCount => null;

    /// <summary>The reason why no frames arrive at the moment, in a few words of ASCII; null while they arrive. Thread-safe.</summary>
    string? StallMessage => null;

    /// <summary>Reads the next frame and its time since the first one; returns false at the end.</summary>
    /// <exception cref="IOException">The device stopped delivering.</exception>
    bool Read(Frame frame, out TimeSpan timestamp);

    /// <summary>Stops the source: a <see cref="Read"/> that waits for a device returns false. Thread-safe.</summary>
    void Interrupt()
    {
    }
}

/// <summary>Identifies the kind of an input from its text, and opens it.</summary>
internal static class FrameSources
{
    /// <summary>The kinds of inputs, for messages about one that does not exist.</summary>
    public const string InputKinds = "Give '--input' a camera's number or name, a video, an image, a folder of images or a URL.";

    private const string LinuxCamera = "/dev/video";
    private static readonly TimeSpan OpeningNoticeDelay = TimeSpan.FromSeconds(2);

    public static bool IsCamera(string input, out int index)
    {
        string number = input.StartsWith(LinuxCamera, StringComparison.Ordinal) ? input[LinuxCamera.Length..] : input;
        return int.TryParse(number, NumberStyles.None, provider: null, out index);
    }

    /// <summary>Whether an input can only be a part of a camera's name: files, numbers and addresses take precedence.</summary>
    public static bool IsCameraName(string input) => !IsCamera(input, out _) && !IsUrl(input) && !Directory.Exists(input) && !File.Exists(input);

    public static bool IsUrl(string input) => input.Contains("://", StringComparison.Ordinal);

    /// <summary>Whether a file is a still image by its name. A GIF given as an input is a video, even if it has one image; in a folder of images only its
    /// first image is read.</summary>
    public static bool IsStill(string path) => ImageFiles.IsImage(path) && !Path.GetExtension(path).Equals(".gif", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens a camera by its number, Linux device or a part of its name, a URL, a folder of images, an image or a video file.</summary>
    /// <param name="camera">The options of a camera; null if the input is no camera that is named by a part of its name, but a file.</param>
    /// <param name="stop">Cancels the wait for a device, a server or the writer of a pipe.</param>
    /// <exception cref="UsageException">The input does not exist, or the camera cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The input exists but holds no images.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IFrameSource Open(
        string input, Action<string> report, int loop = 1, double reconnectSeconds = LiveSource.DefaultReconnectSeconds,
        CameraOptions? camera = null, CancellationToken stop = default)
    {
        var reconnectFor = TimeSpan.FromSeconds(reconnectSeconds);
        bool isNamed = camera is not null && IsCameraName(input);
        if (!MayWait(input, isNamed))
        {
            // On this thread if possible: reading a video that was opened on another thread took 7 % longer (1280x720).
            return OpenNow(input, report, loop, reconnectFor, camera, stop);
        }

        // Some of these waits cannot be cancelled; their tasks are abandoned.
        Task<IFrameSource> opening = Task.Run(() => OpenNow(input, report, loop, reconnectFor, camera, stop), CancellationToken.None);
        try
        {
            return Await(opening, isNamed ? input : IsCamera(input, out int index) ? $"{index}" : null, report, OpeningNoticeDelay, stop);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Waits for a source. If a camera takes long to open, as some do on Windows, reports that.</summary>
    internal static IFrameSource Await(Task<IFrameSource> opening, string? camera, Action<string> report, TimeSpan noticeDelay, CancellationToken stop)
    {
        if (camera is not null && Task.WaitAny([opening], (int)noticeDelay.TotalMilliseconds, stop) < 0)
        {
            report($"camera {camera}: opening it…");
        }

        return opening.WaitAsync(stop).GetAwaiter().GetResult();
    }

    // macOS asks for permission to use a camera only on the main thread. Once it is granted, any thread may open the camera, including the one that
    // reopens a lost camera (LiveSource).
    private static bool MayWait(string input, bool isNamed) =>
        IsUrl(input) || SpecialFile.IsPipe(input) || ((isNamed || IsCamera(input, out _)) && !OperatingSystem.IsMacOS());

    // A camera that is plugged in again may have another number.
    private static CameraSource OpenNamed(string name, CameraOptions options, Action<string> report)
    {
        Camera camera = CameraList.Find(name);
        var source = new CameraSource(camera.Number, options.ForListedNumber(), report);
        report($"{name}: camera {camera.Number}, {camera.Name}");
        return source;
    }

    private static IFrameSource OpenNow(string input, Action<string> report, int loop, TimeSpan reconnectFor, CameraOptions? camera, CancellationToken stop)
    {
        if (IsCamera(input, out int number))
        {
            return new LiveSource(_ => new CameraSource(number, camera ?? new CameraOptions(), report), report, reconnectFor);
        }

        if (camera is not null && IsCameraName(input))
        {
            return new LiveSource(_ => OpenNamed(input, camera, report), report, reconnectFor);
        }

        if (IsUrl(input))
        {
            IFrameSource? opened = OpenUrl(input, report, loop, stop);
            return !opened.IsLive ? opened
                : new LiveSource(retry => Interlocked.Exchange(ref opened, null) ?? OpenUrl(input, report, loop: 1, retry), report, reconnectFor);
        }

        return Directory.Exists(input) ? ImageSource.OfFolder(input, report)
            : !File.Exists(input) ? throw new UsageException($"{input}: no such file or folder. {InputKinds}")
            : loop > 1 && SpecialFile.IsPipe(input) ? throw new UsageException($"{input}: a pipe can be read only once. Leave out '--loop', or name a file.")
            : IsStill(input) ? new ImageSource(input, [input], report)
            : OpenVideo(input, report, loop, isRecording: true, stop);
    }

    private static IFrameSource OpenUrl(string url, Action<string> report, int loop, CancellationToken stop)
    {
        if (MjpegSource.TryOpen(url, report, stop, out bool isRecording, out string? refusal) is { } camera)
        {
            return camera;
        }

        try
        {
            return OpenVideo(url, report, loop, isRecording, stop);
        }
        catch (InvalidDataException) when (refusal is not null)
        {
            throw VideoReader.Unreadable(url, refusal);
        }
    }

    private static IFrameSource OpenVideo(string pathOrUrl, Action<string> report, int loop, bool isRecording, CancellationToken stop) =>
        (IFrameSource?)FfmpegSource.TryOpen(pathOrUrl, report, loop, isRecording, time: null, stop) ?? new VideoSource(pathOrUrl, report, loop);
}
