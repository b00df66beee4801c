using System.CommandLine;
using MlNetEmotion.CommandLine;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Imaging;

namespace MlNetEmotion.Detector;

/// <summary>The command line: its options and how they become <see cref="DetectorOptions"/>.</summary>
internal static class DetectorCommand
{
    private const string DefaultCamera = "0";
    private const string Auto = "auto";
    private const int SmallestFacePixels = 20;
    private const int SmallestDetectWidth = 64;

    private static readonly Option<string?> Input = new("--input", "-i")
    {
        Description = "A camera's number, a video, an image, a folder of images, or a stream's URL. [default: 0, the first camera]",
        HelpName = "CAMERA|FILE|FOLDER|URL",
    };

    private static readonly Option<bool> Demo = new("--demo")
    {
        Description = "Instead of an input: a generated clip of faces that change their expression. No camera needed.",
    };

    private static readonly Option<string?> Model = new("--model", "-m")
    {
        Description = "The emotion model, an ONNX file as 'Trainer export' writes it. [default: the model that comes with the program]",
        HelpName = "FILE.onnx",
    };

    private static readonly Option<string> FaceDetector = new("--face-detector")
    {
        Description = "How faces are found: by the YuNet network (any pose), or OpenCV's Haar or LBP cascade (frontal faces). "
            + "[default: yunet if its model is installed, see 'Detector models', or else haar]",
        HelpName = "haar|lbp|yunet",
    };

    private static readonly Option<string?> FaceModel = new("--face-model")
    {
        Description = "The face detector's model: a YuNet network as .onnx, or a cascade as .xml. [default: what is installed]",
        HelpName = "FILE",
    };

    private static readonly Option<int?> DetectWidth = new("--detect-width")
    {
        Description = $"Scale wider frames down to this width before looking for faces. Smaller is faster. [default: {FaceDetectorOptions.VideoDetectWidth}, for still images {FaceDetectorOptions.StillDetectWidth}]",
        HelpName = "PIXELS",
    };

    private static readonly Option<string> DetectEvery = new("--detect-every")
    {
        Description = "Look for faces in every N-th frame, and follow them in between; auto looks less often while following is sure.",
        HelpName = "N|auto",
        DefaultValueFactory = _ => Auto,
    };

    private static readonly Option<int> MinFacePixels = new("--min-face-pixels")
    {
        Description = "The side of the smallest face looked for, in the frame's pixels. Larger is faster.",
        HelpName = "N",
        DefaultValueFactory = _ => FacePreprocessor.Size,
    };

    private static readonly Option<int> Loop = new("--loop")
    {
        Description = "Play a video file so many times, without a break.",
        HelpName = "TIMES",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Headless = new("--headless")
    {
        Description = "No window: works as fast as it can, on machines without a display too. With --demo, one round of the clip.",
    };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "Write the annotated frames as a video: .mp4, .m4v, .mov, .mkv or .avi.",
        HelpName = "VIDEO",
    };

    private static readonly Option<string?> Events = new("--events")
    {
        Description = "Write a line a face a frame: JSON lines, CSV, or '-' for JSON lines on standard output.",
        HelpName = "FILE.jsonl|FILE.csv|-",
    };

    private static readonly Option<string?> Timings = new("--timings")
    {
        Description = "Write the frame rate and each stage's times as JSON.",
        HelpName = "FILE.json",
    };

    private static readonly Option<long?> MaxFrames = new("--max-frames")
    {
        Description = "Stop after so many frames. [default: the input's end, or until you quit]",
        HelpName = "N",
    };

    /// <summary>Makes the command.</summary>
    public static RootCommand Create()
    {
        FaceDetector.AcceptOnlyFromAmong("haar", "lbp", "yunet");
        AtLeast(DetectWidth, SmallestDetectWidth);
        AtLeast(Loop, 1);
        DetectEvery.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var every && every != Auto && !(int.TryParse(every, out int frames) && frames >= 1))
            {
                result.AddError($"{DetectEvery.Name} is '{every}', must be a number from 1, or {Auto}.");
            }
        });
        AtLeast(MinFacePixels, SmallestFacePixels);
        AtLeast(MaxFrames, 1);
        var root = new RootCommand("Finds faces in a camera's picture, a video or images, and says which emotion each shows. In the window, q or Esc quits.")
        {
            Input, Demo, Model, FaceDetector, FaceModel, DetectWidth, DetectEvery, MinFacePixels, Headless, Output, Events, Timings, MaxFrames, Loop,
            ModelsCommand.Create(),
        };

        // Not asynchronous: the window must stay on the main thread.
        root.SetAction((parsed, stop) => Task.FromResult(DetectorProgram.Run(Read(parsed), stop)));
        return root;
    }

    private static DetectorOptions Read(ParseResult parsed)
    {
        bool isDemo = parsed.GetValue(Demo);
        string? input = parsed.GetValue(Input);
        return isDemo && input is not null
            ? throw new UsageException("--demo and --input are two inputs: give one of them.")
            : new DetectorOptions
            {
                Input = isDemo ? null : input ?? DefaultCamera,
                Model = parsed.GetValue(Model),
                FaceDetector = Enum.Parse<FaceDetectorKind>(parsed.GetValue(FaceDetector) ?? Auto, ignoreCase: true),
                FaceModel = parsed.GetValue(FaceModel),
                DetectWidth = parsed.GetValue(DetectWidth),
                DetectEvery = int.TryParse(parsed.GetValue(DetectEvery), out int every) ? every : null,
                Loop = parsed.GetValue(Loop),
                MinFacePixels = parsed.GetValue(MinFacePixels),
                Headless = parsed.GetValue(Headless),
                Output = parsed.GetValue(Output),
                Events = parsed.GetValue(Events),
                Timings = parsed.GetValue(Timings),
                MaxFrames = parsed.GetValue(MaxFrames),
            };
    }

    private static void AtLeast<T>(Option<T> option, long minimum) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out long value) && value < minimum)
        {
            result.AddError($"{option.Name} is {value}, must be at least {minimum}.");
        }
    });
}
