using System.CommandLine;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Faces;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector models</c>: where face detectors' models are kept, and which there are.</summary>
internal static class ModelsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("models", "Show where a face detector's model is looked for, and what is there.");
        command.SetAction(_ => Show(Console.Out));
        return command;
    }

    private static int Show(TextWriter output)
    {
        string[] files = ModelFolder.Files;
        output.WriteLine($"{ModelFolder.Path}: {(files.Length == 0 ? "no models" : files.Length == 1 ? "1 model" : $"{files.Length} models")}");
        foreach (string file in files)
        {
            string use = file == ModelFolder.YuNet ? "  the default face detector" : "";
            output.WriteLine($"  {Path.GetFileName(file)}  {new FileInfo(file).Length / 1024.0:0} KB{use}");
        }

        if (ModelFolder.YuNet is null)
        {
            output.WriteLine($"Without a {YuNetFaceDetector.FilePattern} here, faces are found by OpenCV's Haar cascade.");
        }

        return ExitCodes.Success;
    }
}
