using System.CommandLine;
using MlNetEmotion.Detector.Serving;

namespace MlNetEmotion.Detector;

/// <summary><c>Detector serve</c>: the browser as camera, and an HTTP API.</summary>
internal static class ServeCommand
{
    // Others see a program's command line; its environment they don't.
    private const string TokenVariable = "MLNETEMOTION_TOKEN";

    public static Command Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen: addresses, parted by ';'. What other machines can reach takes --token. HTTPS takes a certificate by ASP.NET Core's own settings.",
            HelpName = "URL[;URL]",
            DefaultValueFactory = _ => ServeOptions.DefaultUrl,
        };
        Option<string?> token = DetectorCommand.Text("--token", "SECRET", $"Answer only those who know it: 'Authorization: Bearer SECRET', or a browser that opens /?token=SECRET. [default: the variable {TokenVariable}, or none]");
        Option<bool> noOpen = DetectorCommand.Flag("--no-open", "Open no browser.");
        var command = new Command("serve", "Serve a page that turns the browser into the camera, and an HTTP API: /docs describes it.")
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
