using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetEmotion.Detector.Batch;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector;

/// <summary>The command line: its options and how they become <see cref="DetectorOptions"/>.</summary>
internal static class DetectorCommand
{
    private const string DefaultCamera = "0";
    private const string Auto = "auto";
    private const int MaxReconnectSeconds = 366 * 24 * 60 * 60;
    private const int SmallestDetectWidth = 64;

    private const string InputKinds = "CAMERA|FILE|FOLDER|URL|@LIST|-";

    private static readonly Argument<string[]> Positional = new("input")
    {
        Description = "The same as --input.",
        HelpName = InputKinds,
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "A camera's number, a video, an image, a folder of images or videos, a stream's URL, or a list of them, one a line: "
            + "@list.txt, or - for standard input. May be given several times: "
            + "with --headless several files, or a folder of videos, are processed side by side, and those whose results are there are not "
            + $"processed again. --output, --events, --report and --timings then name a folder each, or a file with {BatchResults.Placeholder} in it. "
            + "[default: 0, the first camera]",
        HelpName = InputKinds,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Demo = Flag("--demo", "Instead of an input: a generated clip of faces that change their expression. No camera needed.");
    internal static readonly Option<string?> Model = Text("--model", "FILE.onnx|PIPELINE.zip", "The emotion model: an ONNX file as 'Trainer export' writes it, or a pipeline that ML.NET saved. [default: the model that comes with the program]", "-m");
    internal static readonly Option<string?> FaceDetector = Text("--face-detector", "haar|lbp|yunet", "How faces are found: by the YuNet network (any pose), which comes with the program, or by OpenCV's Haar or LBP cascade (frontal faces), which 'Detector models download' fetches. [default: yunet, or a cascade where --face-model names an .xml]");
    internal static readonly Option<string?> FaceModel = Text("--face-model", "FILE", "Another model for the face detector: a YuNet network as .onnx, or a cascade as .xml. [default: the YuNet that comes with the program, or the cascade that is installed]");
    private static readonly Option<bool> Cropped = Flag("--cropped", "Look for no faces: each picture is one, as a whole, as in data sets of faces that are cut out.");
    internal static readonly Option<int?> DetectWidth = Number<int?>("--detect-width", "PIXELS", $"Scale wider frames down to this width before looking for faces. Smaller is faster. [default: {FaceDetectorOptions.VideoDetectWidth}, for still images {FaceDetectorOptions.StillDetectWidth}]", min: SmallestDetectWidth);
    private static readonly Option<string> DetectEvery = Number("--detect-every", "N|auto", "Look for faces in every N-th frame, and follow them in between; auto looks less often while following is sure.", Auto);
    internal static readonly Option<int> MinFacePixels = Number("--min-face-pixels", "N", "The side of the smallest face looked for, in the frame's pixels. Larger is faster.", FacePreprocessor.Size, min: DetectorOptions.MinFacePixelsFloor);
    private static readonly Option<double> Smoothing = Number("--smoothing", "SECONDS", "Steady answers: the time constant of a face's probabilities. 0 lets each frame speak for itself.", new SmoothingOptions().TimeConstantSeconds, 0, 60);
    internal static readonly Option<double> UncertainBelow = Number("--uncertain-below", "P", "An answer of a lower probability than this is shown as uncertain; 0 never.", new SmoothingOptions().UncertainBelow, 0, 1);
    private static readonly Option<bool> BlurFaces = Flag("--blur-faces", "Make found faces unrecognizable in the window, the video, pictures, snapshots and the report; looks for faces in every frame.");
    private static readonly Option<bool> Headless = Flag("--headless", "No window: works as fast as it can, on machines without a display too. With --demo, one round of the clip.");
    private static readonly Option<string?> Output = Text("--output", "VIDEO|PICTURE|FOLDER", "Write the annotated frames as a video: .mp4, .m4v, .mov, .mkv, .avi or .webm. Where an ffmpeg is on the PATH, with the file's sound. Of still pictures a folder such as out/, or a file such as out.jpg, gets annotated pictures, each in its own size.", "-o");
    private static readonly Option<string?> Events = Text("--events", "FILE.jsonl|FILE.csv|FILE.parquet|-", "Write a line a face a frame: JSON lines, CSV, Parquet, or '-' for JSON lines on standard output.");
    private static readonly Option<string?> CsvExcel = Text("--csv-excel", "point|comma", "Write CSV as Excel opens it by a double click: with a byte order mark, and where Excel's decimals have a comma, with decimal commas and semicolons between the values.");
    private static readonly Option<string?> Timings = Text("--timings", "FILE.json", "Write the frame rate and each stage's times as JSON.");
    private static readonly Option<string?> Report = Text("--report", "FILE.html", "Write a page to look at: each face's emotions over time, their shares, the best moment of each.");
    private static readonly Option<bool> ReportThumbnails = Flag("--report-thumbnails", "Put pictures of the best moments into the report.");
    private static readonly Option<string> Snapshots = Number("--snapshots", "FOLDER", "Where the window's 's' key saves pictures.", ".");
    private static readonly Option<bool> Force = Flag("--force", "Overwrite result files that exist; of several inputs, process those again that are done.");
    private static readonly Option<long?> MaxFrames = Number<long?>("--max-frames", "N", "Stop after so many frames. [default: the input's end, or until you quit]", min: 1);
    private static readonly Option<int> Loop = Number("--loop", "TIMES", "Play a video file so many times, without a break.", 1, min: 1);
    private static readonly Option<int> Jobs = new("--jobs", "-j")
    {
        Description = "Of several inputs, process so many at a time. [default: the number of processor cores]",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<string?> ShardOption = Shard.Option();
    private static readonly Option<int?> Shards = Shard.CountOption();
    private static readonly Option<ShardBy> ShardByOption = new("--shard-by") { HelpName = "hash|size", Description = "How inputs fall on shards: by a hash of the path, or so that all get as many bytes, where files differ much. [default: hash]" };
    private static readonly Option<string?> Progress = ArchiveProgress.Option();
    private static readonly Option<double> Reconnect = Number("--reconnect", "SECONDS", "When a camera or stream fails, try for so long to get it back; 0 ends at once.", LiveSource.DefaultReconnectSeconds, 0, MaxReconnectSeconds);
    private static readonly Option<CameraBackend> Camera = new("--camera-backend") { HelpName = "auto|dshow|msmf", Description = "On Windows, the interface to the camera: dshow (DirectShow) opens some cameras that msmf (Media Foundation) takes long for. [default: auto]" };

    public static RootCommand Create()
    {
        FaceDetector.AcceptOnlyFromAmong("haar", "lbp", "yunet");
        CsvExcel.AcceptOnlyFromAmong("point", "comma");
        Jobs.MustBe(1);
        DetectEvery.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var every && every != Auto && !(int.TryParse(every, out int frames) && frames >= 1))
            {
                result.AddError($"{DetectEvery.Name} is '{every}', must be a number from 1, or {Auto}.");
            }
        });
        Positional.Validators.Add(RefuseOptions);
        Input.Validators.Add(RefuseOptions);
        var root = new RootCommand("Finds faces in a camera's picture, a video or images, and says which emotion each shows. In the window, ? shows the keys; q or Esc quits.")
        {
            Positional, Input, Demo, Model, FaceDetector, FaceModel, Cropped, DetectWidth, DetectEvery, MinFacePixels, Smoothing, UncertainBelow, BlurFaces, Headless,
            Output, Events, CsvExcel, Timings, Report, ReportThumbnails, Snapshots, Force, MaxFrames, Loop, Jobs, Reconnect, Camera,
            ShardOption, Shards, ShardByOption, Progress, ModelsCommand.Create(), ServeCommand.Create(), MergeCommand.Create(),
        };

        // Not asynchronous: the window must stay on the main thread.
        root.SetAction((parsed, stop) => Task.FromResult(DetectorProgram.Run(Read(parsed, stop), stop)));
        return root;
    }

    private static DetectorOptions Read(ParseResult parsed, CancellationToken stop)
    {
        bool isDemo = parsed.GetValue(Demo);
        string[] named = [.. parsed.GetValue(Positional) ?? [], .. parsed.GetValue(Input) ?? []];
        string[] inputs = InputList.Expand(named, stop);
        RefuseFramesWithoutDetection(parsed);
        return isDemo && inputs.Length > 0
            ? throw new UsageException("--demo and --input are two inputs: give one of them.")
            : new DetectorOptions
            {
                Inputs = isDemo || inputs.Length > 0 ? inputs : [DefaultCamera],
                AreListed = named.Any(InputList.IsList),
                Jobs = parsed.GetValue(Jobs),
                ReconnectSeconds = parsed.GetValue(Reconnect),
                CameraBackend = parsed.GetValue(Camera),
                Model = parsed.GetValue(Model),
                FaceDetector = ReadFaceDetector(parsed),
                FaceModel = parsed.GetValue(FaceModel),
                DetectWidth = parsed.GetValue(DetectWidth),
                DetectEvery = int.TryParse(parsed.GetValue(DetectEvery), out int every) ? every : null,
                Loop = parsed.GetValue(Loop),
                MinFacePixels = parsed.GetValue(MinFacePixels),
                Headless = parsed.GetValue(Headless),
                Output = parsed.GetValue(Output),
                Events = parsed.GetValue(Events),
                Csv = parsed.GetValue(CsvExcel) switch { null => EventFormat.Csv, "point" => EventFormat.ExcelCsv, _ => EventFormat.ExcelCsvWithDecimalCommas },
                Timings = parsed.GetValue(Timings),
                Report = parsed.GetValue(Report),
                ReportThumbnails = parsed.GetValue(ReportThumbnails),
                Snapshots = parsed.GetValue(Snapshots)!,
                Force = parsed.GetValue(Force),
                Smoothing = new() { TimeConstantSeconds = parsed.GetValue(Smoothing), UncertainBelow = parsed.GetValue(UncertainBelow) },
                BlurFaces = parsed.GetValue(BlurFaces),
                MaxFrames = parsed.GetValue(MaxFrames),
                Shard = Shard.Read(parsed.GetValue(ShardOption), parsed.GetValue(Shards), Environment.GetEnvironmentVariable),
                ShardBySize = parsed.GetValue(ShardByOption) == ShardBy.Size,
                Progress = parsed.GetValue(Progress),
            };
    }

    // What looks like an option and is none would be taken for an input.
    private static void RefuseOptions(SymbolResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value is ['-', _, ..]) is { } unknown)
        {
            result.AddError($"'{unknown.Value}' is no option; a file of that name is written './{unknown.Value}'.");
        }
    }

    private static void RefuseFramesWithoutDetection(ParseResult parsed)
    {
        if (parsed.GetValue(BlurFaces) && int.TryParse(parsed.GetValue(DetectEvery), out int every) && every > 1)
        {
            throw new UsageException($"{BlurFaces.Name} looks for faces in every frame, and '{DetectEvery.Name} {every}' would show those that come in between: leave out one of them.");
        }
    }

    internal static FaceDetectorKind ReadFaceDetector(ParseResult parsed)
    {
        string? named = parsed.GetValue(FaceDetector);
        return !parsed.GetValue(Cropped) ? Enum.Parse<FaceDetectorKind>(named ?? Auto, ignoreCase: true)
            : named is null && parsed.GetValue(FaceModel) is null ? FaceDetectorKind.Cropped
            : throw new UsageException($"--cropped looks for no faces: leave out {FaceDetector.Name} and {FaceModel.Name}, or --cropped.");
    }

    internal static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    internal static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description };

    private static Option<T> Number<T>(
        string name, string value, string description, T? usual = default, double min = double.NegativeInfinity, double max = double.PositiveInfinity)
    {
        var option = new Option<T>(name) { HelpName = value, Description = description, DefaultValueFactory = usual is null ? null : _ => usual! };
        option.MustBe(min, max);
        return option;
    }
}
