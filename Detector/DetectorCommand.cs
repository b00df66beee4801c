using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetEmotion.Detector.Batch;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Faces;
using MlNetEmotion.Smoothing;

namespace MlNetEmotion.Detector;

/// <summary>The root command: its options, and their conversion to <see cref="DetectorOptions"/>.</summary>
internal static class DetectorCommand
{
    private const string DefaultCamera = "0";
    private const string Auto = "auto";
    private const int MaxReconnectSeconds = 366 * 24 * 60 * 60;
    private const int MinDetectWidth = 64;

    private const string InputKinds = "CAMERA|FILE|FOLDER|URL|@LIST|-";

    private static readonly Argument<string[]> Positional = new("input")
    {
        Description = "The same as --input.",
        HelpName = InputKinds,
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Input = new("--input", "-i")
    {
        Description = "A camera's number, a video, an image, a folder of images or videos, a stream's URL, or a list of these, one per line: "
            + "@list.txt, or - for standard input. May be given several times: "
            + "with --headless several files, or a folder of videos, are processed in parallel, and those whose results exist are "
            + $"skipped. --output, --events, --report and --timings then each name a folder, or a file with {BatchResults.Placeholder} in it. "
            + "[default: 0, the first camera]",
        HelpName = InputKinds,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Demo = Flag("--demo", "Use a generated clip of faces with changing expressions instead of an input. No camera needed.");
    internal static readonly Option<string?> Model = Text("--model", "FILE.onnx|PIPELINE.zip", "The emotion model: an ONNX file as 'Trainer export' writes it, or a pipeline that ML.NET saved. [default: the model that comes with the program]", "-m");
    internal static readonly Option<string?> FaceDetector = Text("--face-detector", "haar|lbp|yunet", "The face detector: the YuNet network (any pose), which comes with the program, or OpenCV's Haar or LBP cascade (frontal faces), which 'Detector models download' downloads. [default: yunet, or a cascade if --face-model names an .xml]");
    internal static readonly Option<string?> FaceModel = Text("--face-model", "FILE", "Another model for the face detector: a YuNet network as .onnx, or a cascade as .xml. [default: the YuNet that comes with the program, or the cascade that is installed]");
    private static readonly Option<bool> Cropped = Flag("--cropped", "Skip face detection: each picture as a whole is one face, as in data sets of cropped faces.");
    internal static readonly Option<int?> DetectWidth = Number<int?>("--detect-width", "PIXELS", $"Scale wider frames down to this width for face detection. Smaller is faster. [default: {FaceDetectorOptions.VideoDetectWidth}, for still images {FaceDetectorOptions.StillDetectWidth}]", min: MinDetectWidth);
    private static readonly Option<string> DetectEvery = Number("--detect-every", "N|auto", "Detect faces in every N-th frame and track them in between; auto detects less often while tracking is stable.", Auto);
    internal static readonly Option<int> MinFacePixels = Number("--min-face-pixels", "N", "The side of the smallest face to detect, in pixels of the frame. Larger is faster.", FacePreprocessor.Size, min: DetectorOptions.MinFacePixelsFloor);
    private static readonly Option<double> Smoothing = Number("--smoothing", "SECONDS", "Smooth predictions over time: the time constant of a face's probabilities. 0 scores each frame independently.", new SmoothingOptions().TimeConstant.TotalSeconds, 0, 60);
    internal static readonly Option<double> UncertainBelow = Number("--uncertain-below", "P", "Show predictions below this probability as uncertain; 0 never does.", new SmoothingOptions().UncertainBelow, 0, 1);
    private static readonly Option<bool> BlurFaces = Flag("--blur-faces", "Make detected faces unrecognizable in the window, the video, pictures, snapshots and the report; detects faces in every frame.");
    private static readonly Option<bool> Headless = Flag("--headless", "Run without a window, at full speed; needs no display. With --demo, plays the clip once.");
    private static readonly Option<string?> Output = Text("--output", "VIDEO|PICTURE|FOLDER", "Write the annotated frames as a video: .mp4, .m4v, .mov, .mkv, .avi or .webm. If ffmpeg is on the PATH, the sound is kept. For still pictures, name a folder such as out/ or a file such as out.jpg: annotated pictures keep their original size.", "-o");
    private static readonly Option<string?> Events = Text("--events", "FILE.jsonl|FILE.csv|FILE.parquet|-", "Write one line per face and frame: JSON lines, CSV, Parquet, or '-' for JSON lines on standard output.");
    private static readonly Option<string?> CsvExcel = Text("--csv-excel", "point|comma", "Write CSV for Excel: with a byte order mark and, for 'comma', with decimal commas and semicolons between the values, which Excel expects in some locales.");
    private static readonly Option<string?> Timings = Text("--timings", "FILE.json", "Write the frame rate and each stage's times as JSON.");
    private static readonly Option<string?> Report = Text("--report", "FILE.html", "Write an HTML report: each face's emotions over time, their shares, and the best moment of each emotion.");
    private static readonly Option<bool> ReportThumbnails = Flag("--report-thumbnails", "Include pictures of the best moments in the report.");
    private static readonly Option<string> Snapshots = Number("--snapshots", "FOLDER", "The folder where the window's 's' key saves pictures.", ".");
    private static readonly Option<bool> Force = Flag("--force", "Overwrite existing result files; with several inputs, also process those again that are done.");
    private static readonly Option<long?> MaxFrames = Number<long?>("--max-frames", "N", "Stop after N frames. [default: the input's end, or until you quit]", min: 1);
    private static readonly Option<int> Loop = Number("--loop", "TIMES", "Play a video file this many times, without a break.", 1, min: 1);
    private static readonly Option<int> Jobs = new("--jobs", "-j")
    {
        Description = "With several inputs, process N at a time; the default is the number of processor cores.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<string?> ShardOption = Text("--shard", "I/N|auto", "Process one of N shards of the inputs, numbered from 0, such as 3/8; or auto, from the variables of a Slurm array. A hash of each path selects its shard, so any machine can process any shard.");
    private static readonly Option<int?> Shards = Number<int?>("--shards", "N", "The number of shards, with the index from JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID.", min: 1);
    private static readonly Option<ShardBy> ShardByOption = new("--shard-by") { HelpName = "hash|size", Description = "How inputs are assigned to shards: by a hash of the path, or by size, so that all shards get about as many bytes even if file sizes differ much. [default: hash]" };
    private static readonly Option<string?> Progress = Text("--progress", "FILE.json", $"Write the shard's progress to a file; {RunProgress.Placeholder} in its name is replaced by the shard's index.");
    private static readonly Option<double> Reconnect = Number("--reconnect", "SECONDS", "If a camera or stream fails, retry for this long; 0 ends the run at once.", LiveSource.DefaultReconnectSeconds, 0, MaxReconnectSeconds);
    private static readonly Option<CameraBackend> Camera = new("--camera-backend") { HelpName = "auto|dshow|msmf", Description = "On Windows, the interface to the camera: dshow (DirectShow) opens some cameras faster than msmf (Media Foundation). [default: auto]" };

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
        var root = new RootCommand("Detects faces in a camera's picture, a video or images, and scores the emotion of each. In the window, ? shows the keys; q or Esc quits.")
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
                Smoothing = new() { TimeConstant = TimeSpan.FromSeconds(parsed.GetValue(Smoothing)), UncertainBelow = parsed.GetValue(UncertainBelow) },
                BlurFaces = parsed.GetValue(BlurFaces),
                MaxFrames = parsed.GetValue(MaxFrames),
                Shard = Shard.Read(parsed.GetValue(ShardOption), parsed.GetValue(Shards), Environment.GetEnvironmentVariable),
                ShardBySize = parsed.GetValue(ShardByOption) == ShardBy.Size,
                Progress = parsed.GetValue(Progress),
            };
    }

    // A misspelt option would otherwise be taken for an input.
    private static void RefuseOptions(SymbolResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value is ['-', _, ..]) is { } unknown)
        {
            result.AddError($"'{unknown.Value}' is not an option; write a file of that name as './{unknown.Value}'.");
        }
    }

    private static void RefuseFramesWithoutDetection(ParseResult parsed)
    {
        if (parsed.GetValue(BlurFaces) && int.TryParse(parsed.GetValue(DetectEvery), out int every) && every > 1)
        {
            throw new UsageException($"{BlurFaces.Name} detects faces in every frame, and '{DetectEvery.Name} {every}' would show new faces in between: leave out one of them.");
        }
    }

    internal static FaceDetectorKind ReadFaceDetector(ParseResult parsed)
    {
        string? named = parsed.GetValue(FaceDetector);
        return !parsed.GetValue(Cropped) ? Enum.Parse<FaceDetectorKind>(named ?? Auto, ignoreCase: true)
            : named is null && parsed.GetValue(FaceModel) is null ? FaceDetectorKind.Cropped
            : throw new UsageException($"--cropped does not detect faces: leave out {FaceDetector.Name} and {FaceModel.Name}, or --cropped.");
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
