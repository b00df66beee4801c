using System.Globalization;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Recognises what an input is by how it is written.</summary>
internal static class FrameSources
{
    private const string LinuxCamera = "/dev/video";

    /// <summary>Whether an input is a camera.</summary>
    public static bool IsCamera(string input, out int index)
    {
        string number = input.StartsWith(LinuxCamera, StringComparison.Ordinal) ? input[LinuxCamera.Length..] : input;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    /// <summary>Whether an input is a URL.</summary>
    public static bool IsUrl(string input) => input.Contains("://", StringComparison.Ordinal);

    /// <summary>Opens a camera by number (or Linux device), a URL, a folder of images, an image or a video file.</summary>
    /// <exception cref="UsageException">There is no such input, or the camera cannot be opened.</exception>
    /// <exception cref="InvalidDataException">There is such an input, but it holds no pictures.</exception>
    public static IFrameSource Open(string input, Action<string> report, int loop = 1, double reconnectSeconds = LiveSource.DefaultReconnectSeconds)
    {
        var reconnectFor = TimeSpan.FromSeconds(reconnectSeconds);
        if (IsCamera(input, out int camera))
        {
            return new LiveSource(() => new CameraSource(camera), report, reconnectFor);
        }

        if (IsUrl(input))
        {
            IFrameSource? opened = OpenUrl(input, report, loop);
            return !opened.IsLive ? opened : new LiveSource(() => Interlocked.Exchange(ref opened, null) ?? OpenUrl(input, report), report, reconnectFor);
        }

        if (Directory.Exists(input))
        {
            return ImageSource.OfFolder(input, report);
        }

        if (!File.Exists(input))
        {
            throw new UsageException($"{input}: no such file or folder. Give '--input' a camera's number, a video, an image, a folder of images or a URL.");
        }

        return ImageSource.IsImage(input) ? ImageSource.OfFile(input, report) : OpenVideo(input, report, loop);
    }

    private static IFrameSource OpenUrl(string url, Action<string> report, int loop = 1) =>
        (IFrameSource?)MjpegSource.TryOpen(url, report) ?? OpenVideo(url, report, loop);

    private static IFrameSource OpenVideo(string pathOrUrl, Action<string> report, int loop) =>
        (IFrameSource?)FfmpegSource.TryOpen(pathOrUrl, report, loop) ?? new VideoSource(pathOrUrl, report, loop);
}
