using System.Security.Cryptography;
using System.Text.Json;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Spectre.Console;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Processes a shard of an archive: all of its pictures and videos that no run has done before.</summary>
internal static class ShardRun
{
    private const string TelemetryVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        string folder = Check(options);
        Shard shard = options.Shard!.Value;
        IReadOnlyList<ArchiveInput> inputs = ArchivePlan.Inputs(options.Inputs, options.FaceDetector == FaceDetectorKind.Cropped, Console.Error.WriteLine);

        // The inputs are processed in parallel, which uses all cores.
        OpenCvLibrary.Threads = 1;
        if (options.FindsOrDrawsByOpenCv || inputs.Any(input => !input.IsStill))
        {
            OpenCvLibrary.Load();
        }

        using IEmotionModel model = EmotionModels.Load(options.Model, threads: 1);
        string settings = Settings(options);
        IReadOnlyList<ArchivePart> parts = ArchivePlan.PartsOf(shard, inputs, settings, options.ShardBySize);
        var display = new ProgressDisplay(AnsiConsole.Console, Console.Out, Console.Error);
        using var progress = new RunProgress(display, parts.Sum(part => part.Inputs.Count), shard, options.Progress);
        using MeterProvider? telemetry = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TelemetryVariable))
            ? null : Sdk.CreateMeterProviderBuilder().AddMeter(RunProgress.MeterName).AddOtlpExporter().Build();
        using var pictures = new PictureWork(options, model, progress);
        var videos = new VideoWork(options with { Events = null, Headless = true }, model, progress);
        var run = new ArchiveRun(folder, settings, videos, pictures, progress);
        run.Prepare();
        return progress.Show(() =>
        {
            int exitCode = run.Run(parts, options.Jobs, stop);
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
            Model = HashOfModel(options.Model),
            FaceDetector = FaceDetectors.ReadModel(options.FaceDetector, options.FaceModel) is { } content ? Shortened(SHA256.HashData(content)) : null,
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

    private static string HashOfModel(string? file)
    {
        using Stream stream = file is null ? EmotionClassifier.OpenDefaultModel() : File.OpenRead(file);
        return Shortened(SHA256.HashData(stream));
    }

    private static string Shortened(byte[] hash) => Convert.ToHexStringLower(hash[..8]);
}
