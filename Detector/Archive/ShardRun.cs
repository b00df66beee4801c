using System.Text.Json;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Archive;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes a shard of an archive: all of its pictures and videos that no run has done before.</summary>
internal static class ShardRun
{
    private const string TelemetryVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The plan of the Detector's archives, which distinguishes videos from pictures.</summary>
    public static ArchivePlan Plan { get; } = new(VideoReader.IsVideo, FrameSources.IsStill);

    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        string folder = Check(options);
        Shard shard = options.Shard!.Value;
        IReadOnlyList<ArchiveInput> inputs = Plan.Inputs(options.Inputs, Console.Error.WriteLine);

        // The inputs are processed in parallel, which uses all cores.
        OpenCvLibrary.SetThreads(1);
        if (options.FindsOrDrawsByOpenCv || inputs.Any(input => !input.IsStill))
        {
            OpenCvLibrary.Load();
        }

        using IEmotionModel model = EmotionModels.Load(options.Model, threads: 1);
        string settings = Settings(options);
        IReadOnlyList<ArchivePart> parts = ArchivePlan.PartsOf(shard, inputs, settings, options.ShardBySize);
        using var progress = new ArchiveProgress(shard, parts.Sum(part => part.Inputs.Count), options.Progress);
        using MeterProvider? telemetry = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TelemetryVariable))
            ? null : Sdk.CreateMeterProviderBuilder().AddMeter(ArchiveProgress.MeterName).AddOtlpExporter().Build();
        using var pictures = new PictureWork(options, model, progress);
        var videos = new VideoWork(options with { Events = null, Headless = true }, model, progress);
        var run = new ArchiveRun(folder, settings, progress);
        run.Prepare();
        run.ReportOthers();
        return progress.Show(() =>
        {
            run.ProcessAll(parts.Where(part => !part.IsStills), options.Jobs, videos.Do, stop);
            run.ProcessAll(parts.Where(part => part.IsStills), jobs: 1, pictures.Do, stop);
            int exitCode = run.End(stop);
            if (pictures.Shares is { Length: > 0 } shares)
            {
                progress.WriteLine($"pictures' time: {shares}");
            }

            if (pictures.Hint is { } hint)
            {
                progress.Warn($"pictures: {hint}");
            }

            return exitCode;
        });
    }

    private static string Check(DetectorOptions options)
    {
        if (options.Output is not null || options.Report is not null || options.Timings is not null || options.Csv != EventFormat.Csv || options.Force)
        {
            throw new UsageException("--shard writes only events, and skips what is done: leave out --output, --report, --timings, --csv-excel and --force. 'Detector merge' makes the report.");
        }

        if (options.Inputs.FirstOrDefault(input => FrameSources.IsCamera(input, out _)) is { } camera)
        {
            throw new UsageException($"{camera}: a shard's inputs are files, folders and addresses. Use a camera in a separate run.");
        }

        return options.Events is { } folder && folder != OutputFiles.StandardOutput && (Directory.Exists(folder) || !Path.HasExtension(Path.TrimEndingDirectorySeparator(folder)))
            ? folder
            : throw new UsageException("--shard needs '--events FOLDER', a folder that all shards share: each part of the work gets a file in it.");
    }

    // Everything that the rows depend on. Model files are identified by their hashes, because their paths may differ between machines.
    private static string Settings(DetectorOptions options) => JsonSerializer.Serialize(
        new
        {
            Version = ProductVersion.Current,
            Model = ArchiveRun.HashOfModel(options.Model),
            FaceDetector = ArchiveRun.HashOf(FaceDetectors.ReadModel(options.FaceDetector, options.FaceModel)),
            IsCropped = options.FaceDetector == FaceDetectorKind.Cropped,
            options.DetectWidth,
            options.DetectEvery,
            options.MinFacePixels,
            Smoothing = new
            {
                TimeConstantSeconds = options.Smoothing.TimeConstant.TotalSeconds,
                options.Smoothing.UncertainBelow,
                options.Smoothing.SwitchMargin,
                options.Smoothing.CertaintyMargin,
                ForgetAfterSeconds = options.Smoothing.ForgetAfter.TotalSeconds,
            },
            options.MaxFrames,
            options.Loop,
        },
        FaceTable.Json);
}
