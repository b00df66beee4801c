using System.CommandLine;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Faces;

namespace MlNetEmotion.Detector;

/// <summary>The root command and its subcommands.</summary>
internal static class DetectorCommand
{
    public static RootCommand Create()
    {
        var options = new CommandOptions<DetectorOptions>();
        options["--detect-width"].Description += $" [default: {FaceDetectorOptions.VideoDetectWidth}, for still images {FaceDetectorOptions.StillDetectWidth}]";

        // Not asynchronous: the window must stay on the main thread.
        return options.AddTo(
            new RootCommand("Detects faces in a camera's image, a video or images, and scores the emotion of each. In the window, ? shows the keys; q or Esc quits.")
            {
                ModelsCommand.Create(), Serve(options), MergeCommand.Create(), SegmentsCommand.Create(), CollectCommand.Create(), CamerasCommand.Create(),
            },
            (read, _, stop) => DetectorProgram.Run(read.Resolve(Environment.GetEnvironmentVariable, stop), stop));
    }

    // The options that both commands have may also precede 'serve'.
    private static Command Serve(CommandOptions<DetectorOptions> parent) => new CommandOptions<ServeOptions>(parent.Settings).AddTo(
        new Command("serve", "Serve a page that uses the browser's camera, and an HTTP API, described at /docs."),
        (options, _, stop) => Server.RunAsync(options, stop));
}
