using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Running;

/// <summary>The options of a run, as on the command line.</summary>
internal sealed record DetectorOptions
{
    /// <summary>The placeholder for an input's name in a result's path.</summary>
    public const string NamePlaceholder = "{name}";

    /// <summary>The values and help of options that <c>Detector segments</c> has too.</summary>
    public const string SegmentsValue = "FILE.csv|FILE.eaf|FILE.TextGrid|FILE.vtt|FILE.srt|FILE.tsv";
    public const string SummaryHelp = "Write each face's and emotion's segments in one line: number, share of time, mean duration, first start, and the emotions that follow.";
    public const string CsvExcelHelp = "Write CSV for Excel: with a byte order mark and, for 'comma', with decimal commas and semicolons between the values, which Excel expects in some locales.";

    private const string DefaultCamera = "0";
    private const string InputKinds = "CAMERA|FILE|FOLDER|URL|@LIST|-";

    [Setting("The same as --input.", Name = "input", Value = InputKinds, Check = nameof(CheckInput))] public string[] Positional { get; init; } = [];
    [Setting("A camera's number or a part of its name ('Detector cameras' lists them), a video, an image, a folder of images or videos, a stream's URL, or a list of these, one per line: "
        + "@list.txt, or - for standard input. May be given several times: "
        + "with --headless several files, or a folder of videos, are processed in parallel, and those whose results exist are "
        + $"skipped. --output, --events, --report and --timings then each name a folder, or a file with {NamePlaceholder} in it. "
        + "[default: 0, the first camera]", Alias = "-i", Value = InputKinds, TakesSeveral = true, Check = nameof(CheckInput))]
    public string[] Input { get; init; } = [];
    [Setting("Use a generated clip of faces with changing expressions instead of an input. No camera needed.")] public bool Demo { get; init; }
    [Settings] public RecognitionOptions Recognition { get; init; } = new();
    [Settings] public BaselineOptions Resting { get; init; } = new();
    [Setting("Make detected faces unrecognizable in the window, the video, images, snapshots and the report; detects faces in every frame.")] public bool BlurFaces { get; init; }
    [Setting("Run without a window, at full speed; needs no display. With --demo, plays the clip once.")] public bool Headless { get; init; }
    [Setting("Write the annotated frames as a video: .mp4, .m4v, .mov, .mkv, .avi or .webm. If ffmpeg is on the PATH, the sound is kept. For still images, name a folder such as out/ or a file such as out.jpg: annotated images keep their original size.", Alias = "-o", Value = "VIDEO|IMAGE|FOLDER")]
    public string? Output { get; init; }
    [Setting("Write one line per face and frame: JSON lines, CSV, Parquet, or '-' for JSON lines on standard output.", Value = "FILE.jsonl|FILE.csv|FILE.parquet|-")]
    public string? Events { get; init; }
    [Setting("Write from when to when each face showed an emotion: a table, ELAN's or Praat's annotations, subtitles, or BORIS' tabular events (.tsv).", Value = SegmentsValue)]
    public string? Segments { get; init; }
    [Setting(SummaryHelp, Value = "FILE.csv")] public string? Summary { get; init; }
    [Settings] public SegmentOptions SegmentSettings { get; init; } = new();
    [Setting(CsvExcelHelp, Value = "point|comma", OneOf = ["point", "comma"])]
    public string? CsvExcel { get; init; }
    [Setting("Write the frame rate and each stage's times as JSON.", Value = "FILE.json")] public string? Timings { get; init; }
    [Setting("Write an HTML report: each face's emotions over time, their shares, and the best moment of each emotion.", Value = "FILE.html")] public string? Report { get; init; }
    [Setting("Include images of the best moments in the report.")] public bool ReportThumbnails { get; init; }
    [Setting("The folder where the window's 's' key saves images. [default: .]", Value = "FOLDER")] public string Snapshots { get; init; } = ".";
    [Setting("Overwrite existing result files; with several inputs, also process those again that are done.")] public bool Force { get; init; }
    [Setting("Stop after N frames. [default: the input's end, or until you quit]", Min = 1)] public long? MaxFrames { get; init; }
    [Setting("Play a video file this many times, without a break.", Value = "TIMES", Min = 1)] public int Loop { get; init; } = 1;
    [Setting("With several inputs, process N at a time; the default is the number of processor cores.", Alias = "-j", Min = 1)] public int Jobs { get; init; } = Environment.ProcessorCount;
    [Setting("If a camera or stream fails, retry for this long; 0 ends the run at once.", Name = "--reconnect", Value = "SECONDS", Min = 0, Max = 366 * 24 * 60 * 60)]
    public double ReconnectSeconds { get; init; } = LiveSource.DefaultReconnectSeconds;
    [Settings] public CameraOptions Camera { get; init; } = new();
    [Settings] public ShardOptions Sharding { get; init; } = new();

    /// <summary>Cameras' numbers, files, folders or URLs; empty for the generated clip.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Whether the inputs came from a list, which counts as several inputs even with one entry.</summary>
    public bool AreListed => Positional.Concat(Input).Any(InputList.IsList);

    /// <summary>The shard of an archive to process; null for a normal run.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether the run reports faces left out because they were too small.</summary>
    public bool ReportsSmallFaces { get; init; } = true;

    /// <summary>The CSV variant of events and segments.</summary>
    public EventFormat Csv => CsvOf(CsvExcel);

    /// <summary>All named result files.</summary>
    public IEnumerable<string> ResultFiles => new[] { Output, Events, Timings, Report, Segments, Summary }.OfType<string>();

    /// <summary>Whether the run needs OpenCV for any input: to draw, to blur, or for a cascade. A window needs it too.</summary>
    public bool FindsOrDrawsByOpenCv => Output is not null || BlurFaces || (Report is not null && ReportThumbnails) || !(Recognition.Cropped || Recognition.IsYuNet);

    /// <summary>The message about a misspelt option, which would otherwise be taken for an input.</summary>
    public static string? CheckInput(string typed) => typed is ['-', _, ..] ? $"'{typed}' is not an option; write a file of that name as './{typed}'." : null;

    /// <summary>Returns the options with their inputs and shard.</summary>
    /// <param name="variable">Returns an environment variable, for the shard.</param>
    /// <exception cref="UsageException">Two options exclude each other, or a list of inputs cannot be read.</exception>
    public DetectorOptions Resolve(Func<string, string?> variable, CancellationToken stop)
    {
        string[] inputs = InputList.Expand([.. Positional, .. Input], stop);
        if (BlurFaces && Recognition.DetectInterval > 1)
        {
            throw new UsageException($"--blur-faces detects faces in every frame, and '--detect-every {Recognition.DetectInterval}' would show new faces in between: leave out one of them.");
        }

        if (Demo && inputs.Length > 0)
        {
            throw new UsageException("--demo and --input are two inputs: give one of them.");
        }

        if (Camera.RequestsImages && (Demo || inputs.Length > 1 || inputs.Any(input => !FrameSources.IsCamera(input, out _) && !FrameSources.IsCameraName(input))))
        {
            throw new UsageException($"{(Demo ? "--demo" : inputs[0])}: no camera, so '--camera-size' and '--camera-fps' have no effect: leave them out, or name a camera.");
        }

        Recognition.Check();
        return this with { Inputs = Demo || inputs.Length > 0 ? inputs : [DefaultCamera], Shard = Running.Shard.Read(Sharding.Shard, Sharding.Shards, variable) };
    }

    /// <summary>Checks that each result file has an extension of its format.</summary>
    /// <exception cref="UsageException">An extension is not supported.</exception>
    public void CheckEndings()
    {
        if (Output is not null && !AnnotatedImages.IsImageOutput(Output))
        {
            VideoEncoder.Check(Output);
        }

        OutputFiles.CheckEnding(Events, EventLog.Endings);
        CheckCsvExcel(CsvExcel, Events, Segments, Summary);
        OutputFiles.CheckEnding(Timings, ".json");
        OutputFiles.CheckEnding(Report, ".html", ".htm");
        SegmentFile.CheckEnding(Segments, Summary);
    }

    /// <summary>The CSV variant of a value of <c>--csv-excel</c>.</summary>
    public static EventFormat CsvOf(string? csvExcel) => csvExcel switch { null => EventFormat.Csv, "point" => EventFormat.ExcelCsv, _ => EventFormat.ExcelCsvWithDecimalCommas };

    /// <exception cref="UsageException"><c>--csv-excel</c> is given, but none of the results is CSV.</exception>
    public static void CheckCsvExcel(string? csvExcel, params IEnumerable<string?> results)
    {
        if (csvExcel is not null && !results.OfType<string>().Any(EventLog.IsCsv))
        {
            throw new UsageException("'--csv-excel' needs events as CSV: name a file that ends in .csv with '--events', or '{name}.csv' for several inputs; segments and their summary may be CSV too.");
        }
    }

    /// <summary>Returns a copy with other result files; <paramref name="rename"/> receives each named path and its default extension.</summary>
    public DetectorOptions WithResults(Func<string, string, string> rename, string outputEnding) => this with
    {
        Output = Output is null ? null : rename(Output, outputEnding),
        Events = Events is null ? null : rename(Events, ".jsonl"),
        Report = Report is null ? null : rename(Report, ".html"),
        Timings = Timings is null ? null : rename(Timings, ".json"),
        Segments = Segments is null ? null : rename(Segments, ".csv"),
        Summary = Summary is null ? null : rename(Summary, ".summary.csv"),
    };
}
