using System.CommandLine;
using MlNetEmotion.Detector.Serving;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector serve</c>: a page that uses the browser's camera, and an HTTP API.</summary>
internal static class ServeCommand
{
    // Other users can see the command line of a process, but not its environment.
    private const string TokenVariable = "MLNETEMOTION_TOKEN";

    public static Command Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "The addresses to listen on, separated by ';'. Addresses that other machines can reach need --token. HTTPS needs a certificate, set by ASP.NET Core's settings.",
            HelpName = "URL[;URL]",
            DefaultValueFactory = _ => ServeOptions.DefaultUrl,
        };
        Option<string?> token = DetectorCommand.Text("--token", "SECRET", $"Require this token: as 'Authorization: Bearer SECRET', or in a browser by opening /?token=SECRET. [default: the environment variable {TokenVariable}, or none]");
        Option<bool> noOpen = DetectorCommand.Flag("--no-open", "Do not open a browser.");
        var command = new Command("serve", "Serve a page that uses the browser's camera, and an HTTP API, described at /docs.")
        {
            urls, token, noOpen,
            DetectorCommand.Model, DetectorCommand.FaceDetector, DetectorCommand.FaceModel, DetectorCommand.DetectWidth, DetectorCommand.MinFacePixels, DetectorCommand.UncertainBelow,
        };
        command.SetAction((parsed, stop) => Server.RunAsync(
            new ServeOptions
            {
                Urls = parsed.GetValue(urls)!.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Token = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(TokenVariable) switch { "" => null, var set => set },
                OpensBrowser = !parsed.GetValue(noOpen),
                Model = parsed.GetValue(DetectorCommand.Model),
                FaceDetector = DetectorCommand.ReadFaceDetector(parsed),
                FaceModel = parsed.GetValue(DetectorCommand.FaceModel),
                DetectWidth = parsed.GetValue(DetectorCommand.DetectWidth),
                MinFacePixels = parsed.GetValue(DetectorCommand.MinFacePixels),
                UncertainBelow = parsed.GetValue(DetectorCommand.UncertainBelow),
            },
            stop));
        return command;
    }
}
