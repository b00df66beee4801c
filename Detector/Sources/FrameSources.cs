using System.Globalization;
using MlNetEmotion.CommandLine;

namespace MlNetEmotion.Detector.Sources;

/// <summary>Recognises what an input is by how it is written.</summary>
internal static class FrameSources
{
    /// <summary>Opens a camera by number (or Linux device), a URL, a folder of images, an image or a video file.</summary>
    /// <param name="input">As the user typed it.</param>
    /// <param name="report">Told what is skipped on the way.</param>
    /// <param name="loop">How often a video file is played.</param>
    /// <exception cref="UsageException">There is no such input, or the camera cannot be opened.</exception>
    /// <exception cref="InvalidDataException">There is such an input, but it holds no pictures.</exception>
    public static IFrameSource Open(string input, Action<string> report, int loop = 1)
    {
        string number = input.StartsWith("/dev/video", StringComparison.Ordinal) ? input["/dev/video".Length..] : input;
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int camera))
        {
            return new CameraSource(camera);
        }

        if (input.Contains("://", StringComparison.Ordinal))
        {
            bool isRecording = input.StartsWith("http", StringComparison.OrdinalIgnoreCase) || input.StartsWith("file:", StringComparison.OrdinalIgnoreCase);
            return new VideoSource(input, isLive: !isRecording, report);
        }

        if (Directory.Exists(input))
        {
            return ImageSource.OfFolder(input, report);
        }

        if (!File.Exists(input))
        {
            throw new UsageException($"{input}: no such file or folder. Give '--input' a camera's number, a video, an image, a folder of images or a URL.");
        }

        return ImageSource.IsImage(input) ? ImageSource.OfFile(input, report) : new VideoSource(input, isLive: false, report, loop);
    }
}
