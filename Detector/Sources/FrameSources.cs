using System.Globalization;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Pictures;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Where frames come from. Dispose releases the device or file. Not thread-safe.</summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>What it is, for messages: <c>camera 0</c>, <c>clip.mp4</c>.</summary>
    string Name { get; }

    /// <summary>Which file, or device, the last frame was of. Frames are numbered within it.</summary>
    string Current => Name;

    /// <summary>The rate at which frames belong on a screen; greater than 0.</summary>
    double FramesPerSecond { get; }

    /// <summary>Whether frames arrive as they happen, so that nobody need wait before showing one.</summary>
    bool IsLive { get; }

    /// <summary>How many frames there will be, as far as one can know now; null for no idea.</summary>
    long? FrameCount => null;

    /// <summary>What keeps frames from coming at this moment, in a few words of ASCII; null while they come.
    /// Thread-safe.</summary>
    string? Trouble => null;

    /// <summary>Takes the next frame, and when it was since the first.</summary>
    /// <exception cref="IOException">The device stopped delivering.</exception>
    bool Read(Frame frame, out TimeSpan timestamp);

    /// <summary>Nobody wants frames any more: a <see cref="Read"/> that waits for a device returns false.
    /// Thread-safe.</summary>
    void Interrupt()
    {
    }
}

/// <summary>Recognises what an input is by how it is written.</summary>
internal static class FrameSources
{
    private const string LinuxCamera = "/dev/video";
    private static readonly TimeSpan LongOpening = TimeSpan.FromSeconds(2);

    public static bool IsCamera(string input, out int index)
    {
        string number = input.StartsWith(LinuxCamera, StringComparison.Ordinal) ? input[LinuxCamera.Length..] : input;
        return int.TryParse(number, NumberStyles.None, provider: null, out index);
    }

    public static bool IsUrl(string input) => input.Contains("://", StringComparison.Ordinal);

    /// <summary>Whether a file is a still picture by its name. By itself a GIF is a film, if of one picture; in a folder of pictures it is its
    /// first.</summary>
    public static bool IsStill(string path) => PictureFolder.IsPicture(path) && !Path.GetExtension(path).Equals(".gif", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens a camera by number (or Linux device), a URL, a folder of images, an image or a video
    /// file.</summary>
    /// <param name="stop">Ends the wait for a device, a server or a pipe's writer.</param>
    /// <exception cref="UsageException">There is no such input, or the camera cannot be opened.</exception>
    /// <exception cref="InvalidDataException">There is such an input, but it holds no pictures.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IFrameSource Open(
        string input, Action<string> report, int loop = 1, double reconnectSeconds = LiveSource.DefaultReconnectSeconds,
        CameraBackend cameraBackend = CameraBackend.Auto, CancellationToken stop = default)
    {
        var reconnectFor = TimeSpan.FromSeconds(reconnectSeconds);
        if (!MayWait(input))
        {
            // Not on another thread without need: the frames of a video that was opened there took 7 % longer (1280x720).
            return OpenNow(input, report, loop, reconnectFor, cameraBackend, stop);
        }

        // Some of these waits end only with the device: those are left behind.
        Task<IFrameSource> opening = Task.Run(() => OpenNow(input, report, loop, reconnectFor, cameraBackend, stop), CancellationToken.None);
        try
        {
            return Await(opening, IsCamera(input, out int index) ? $"{index}" : null, report, LongOpening, stop);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Waits for a source; of one that takes long, some cameras on Windows, a line says so.</summary>
    internal static IFrameSource Await(Task<IFrameSource> opening, string? camera, Action<string> report, TimeSpan longTime, CancellationToken stop)
    {
        if (camera is not null && Task.WaitAny([opening], (int)longTime.TotalMilliseconds, stop) < 0)
        {
            report($"camera {camera}: opening it…");
        }

        return opening.WaitAsync(stop).GetAwaiter().GetResult();
    }

    // macOS asks for permission to use a camera on the main thread alone. Once it is granted, any thread may open the camera, such as the one that
    // opens a lost camera again (LiveSource).
    private static bool MayWait(string input) => IsUrl(input) || SpecialFile.IsPipe(input) || (IsCamera(input, out _) && !OperatingSystem.IsMacOS());

    private static IFrameSource OpenNow(string input, Action<string> report, int loop, TimeSpan reconnectFor, CameraBackend cameraBackend, CancellationToken stop)
    {
        if (IsCamera(input, out int camera))
        {
            return new LiveSource(_ => new CameraSource(camera, cameraBackend), report, reconnectFor);
        }

        if (IsUrl(input))
        {
            IFrameSource? opened = OpenUrl(input, report, loop, stop);
            return !opened.IsLive ? opened
                : new LiveSource(retry => Interlocked.Exchange(ref opened, null) ?? OpenUrl(input, report, loop: 1, retry), report, reconnectFor);
        }

        return Directory.Exists(input) ? ImageSource.OfFolder(input, report)
            : !File.Exists(input) ? throw new UsageException($"{input}: no such file or folder. Give '--input' a camera's number, a video, an image, a folder of images or a URL.")
            : loop > 1 && SpecialFile.IsPipe(input) ? throw new UsageException($"{input}: a pipe can be read only once. Leave out '--loop', or name a file.")
            : IsStill(input) ? new ImageSource(input, [input], report)
            : OpenVideo(input, report, loop, isRecording: true, stop);
    }

    private static IFrameSource OpenUrl(string url, Action<string> report, int loop, CancellationToken stop)
    {
        if (MjpegSource.TryOpen(url, report, stop, out HttpAnswer answer) is { } camera)
        {
            return camera;
        }

        try
        {
            return OpenVideo(url, report, loop, answer.IsRecording, stop);
        }
        catch (InvalidDataException) when (answer.Refusal is not null)
        {
            throw VideoReader.Unreadable(url, answer.Refusal);
        }
    }

    private static IFrameSource OpenVideo(string pathOrUrl, Action<string> report, int loop, bool isRecording, CancellationToken stop) =>
        (IFrameSource?)FfmpegSource.TryOpen(pathOrUrl, report, loop, isRecording, patience: null, stop) ?? new VideoSource(pathOrUrl, report, loop);
}
