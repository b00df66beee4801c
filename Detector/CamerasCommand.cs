using System.CommandLine;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector cameras</c>: lists this machine's cameras.</summary>
internal static class CamerasCommand
{
    public static Command Create()
    {
        var command = new Command("cameras", "List this machine's cameras: the number for '--input', and the name. On Windows and macOS this needs ffmpeg.");
        command.SetAction(_ => Show(CameraList.Read(), Console.Out, Console.Error));
        return command;
    }

    /// <summary>Writes a line per camera, or on standard error that there is none.</summary>
    internal static int Show(IReadOnlyList<Camera> cameras, TextWriter output, TextWriter error)
    {
        foreach (Camera camera in cameras)
        {
            output.WriteLine($"{camera.Number}: {camera.Name}");
        }

        if (cameras.Count == 0)
        {
            error.WriteLine("no camera found. Plug one in, or use '--demo' or a video.");
        }
        else if (!OperatingSystem.IsLinux())
        {
            error.WriteLine("these are ffmpeg's numbers; OpenCV may count in another order. On Windows '--camera-backend dshow' has the same.");
        }

        return ExitCodes.Success;
    }
}
