using System.Security.Cryptography;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Spectre.Console;

namespace MlNetEmotion.Detector.Archive;

/// <summary>
/// Processes a shard of an archive: its parts, each into its own result file, written atomically. Parts with an existing result are skipped, unless it is
/// damaged or some of its inputs could not be read. Two processes with the same part write the same result; the later file replaces the earlier one.
/// </summary>
internal sealed class ShardRun(DetectorOptions options, string folder, string settings, IEmotionModel model, RunProgress progress) : WorkRun<ArchivePart>, IDisposable
{
    private const string TelemetryVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int MaxFilesChecked = 100;

    // Younger temporary files may still be in use by another machine.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    private readonly ImageWork images = new(options, model, progress);
    private long recoverable;
    private int failedParts;

    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        string folder = Check(options);
        Shard shard = options.Shard!.Value;
        IReadOnlyList<ArchiveInput> inputs = ArchivePlan.Inputs(options.Inputs, options.Recognition.Cropped, Console.Error.WriteLine);

        // The inputs are processed in parallel, which uses all cores.
        OpenCvLibrary.SetThreads(1);
        if (options.FindsOrDrawsByOpenCv || inputs.Any(input => !input.IsStill))
        {
            OpenCvLibrary.Load();
        }

        using IEmotionModel model = EmotionModels.Load(options.Recognition.Model, threads: 1);
        string settings = Settings(options.Recognition, options);
        IReadOnlyList<ArchivePart> parts = ArchivePlan.PartsOf(shard, inputs, settings, options.Sharding.By == ShardBy.Size);
        var display = new ProgressDisplay(AnsiConsole.Console, Console.Out, Console.Error);
        using var progress = new RunProgress(display, parts.Sum(part => part.Inputs.Count), shard, options.Sharding.Progress);
        using MeterProvider? telemetry = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TelemetryVariable))
            ? null : Sdk.CreateMeterProviderBuilder().AddMeter(RunProgress.MeterName).AddOtlpExporter().Build();
        using var run = new ShardRun(options with { Events = null, Headless = true }, folder, settings, model, progress);
        run.Prepare();
        return progress.Show(() => run.Run(parts, stop));
    }

    public void Dispose() => images.Dispose();

    private static string Check(DetectorOptions options)
    {
        if (options.Output is not null || options.Report is not null || options.Timings is not null || options.Segments is not null || options.Summary is not null || options.Resting.Baseline is not null || options.Csv != EventFormat.Csv || options.Force)
        {
            throw new UsageException("--shard writes only events, and skips what is done: leave out --output, --report, --timings, --segments, --summary, --baseline, --csv-excel and --force. 'Detector merge' makes the report.");
        }

        if (options.Inputs.FirstOrDefault(input => FrameSources.IsCamera(input, out _)) is { } camera)
        {
            throw new UsageException($"{camera}: a shard's inputs are files, folders and addresses. Use a camera in a separate run.");
        }

        return options.Events is { } folder && folder != OutputFiles.StandardOutput && (Directory.Exists(folder) || !Path.HasExtension(Path.TrimEndingDirectorySeparator(folder)))
            ? folder
            : throw new UsageException("--shard needs '--events FOLDER', a folder that all shards share: each part of the work gets a file in it.");
    }

    // Creates the folder, and removes temporary files that killed runs left in it long ago. Warns of results in it from another model or other settings:
    // this run does not use them, and a merge uses the results of one setting only.
    private void Prepare()
    {
        OutputFiles.CreateFolderOf(Path.Combine(folder, "part"));
        foreach (string leftover in Directory.EnumerateFiles(folder, $"*{FaceTable.Ending}.*.tmp").Where(path => DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > LeftoverAge))
        {
            TryDelete(leftover);
        }

        // Names are hashes, so the first files are a random sample.
        if (Directory.EnumerateFiles(folder, "*" + FaceTable.Ending).Order(StringComparer.Ordinal).Take(MaxFilesChecked).FirstOrDefault(IsOther) is { } other)
        {
            progress.Warn(
                $"{other}: made by another version, model or settings than this run ({settings}), which does not use them. A merge uses the settings with the most inputs only: remove the other results, or use another folder.");
        }

        bool IsOther(string file)
        {
            try
            {
                using var table = new FaceTableReader(file);
                return table.Settings != settings;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return false;    // a merge reports damaged files; another process may have the file open
            }
        }
    }

    // Returns the exit code: 0 only if all parts are done and all inputs could be read.
    private int Run(IReadOnlyList<ArchivePart> parts, CancellationToken stop)
    {
        ProcessAll(parts.Where(part => !part.IsStills), options.Jobs, stop);
        ProcessAll(parts.Where(part => part.IsStills), jobs: 1, stop);    // each is parallel in itself
        RunFigures all = progress.Figures;
        bool isWhole = !stop.IsCancellationRequested && failedParts == 0 && recoverable == 0;
        progress.End(isWhole ? "done" : stop.IsCancellationRequested ? "stopped" : "failed");
        progress.WriteLine(
            $"shard {all.Shard}: {all}; {Quantity.Pluralize(all.Frames, "frame")}, {Quantity.Pluralize(all.Faces, "face")}, {all.Seconds:0.0} s, {all.FramesPerSecond:0.0} frames/s");
        if (!isWhole)
        {
            long left = all.Inputs - all.Done - all.DoneBefore + recoverable;
            progress.Warn($"{Quantity.Pluralize(left, "input")} to do{(recoverable > 0 ? $", {recoverable} of which could not be read" : "")}; run the same command again to continue.");
        }

        images.Report();

        // Not 0 for a stopped shard: a scheduler would take the job for completed.
        return isWhole ? ExitCodes.Success : ExitCodes.Failure;
    }

    protected override bool TrySkip(ArchivePart part)
    {
        try
        {
            using var table = new FaceTableReader(PathOf(part));
            if (table.Inputs.Any(input => input.MayRecover))
            {
                return false;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            return false;
        }

        progress.DoneBefore(part.Inputs.Count);
        return true;
    }

    protected override void Process(ArchivePart part, CancellationToken stop)
    {
        string temporary = $"{PathOf(part)}.{Guid.NewGuid():N}.tmp";
        try
        {
            using var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            using var table = new FaceTableWriter(file, settings);
            if (part.IsStills)
            {
                images.ProcessAsync(part, table, stop).GetAwaiter().GetResult();
            }
            else
            {
                ProcessVideo(part.Inputs[0], table, stop);
            }

            stop.ThrowIfCancellationRequested();
            table.Finish();
            file.Flush(flushToDisk: true);
            Interlocked.Add(ref recoverable, table.Inputs.Count(input => input.MayRecover));
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        AtomicFile.Replace(temporary, PathOf(part));
    }

    protected override void Fail(ArchivePart part, Exception e)
    {
        Interlocked.Increment(ref failedParts);
        progress.Warn($"{PathOf(part)}: could not be written: {e.Message}");
    }

    // As the Detector processes a file.
    private void ProcessVideo(ArchiveInput video, FaceTableWriter table, CancellationToken stop)
    {
        var outcome = new InputRecord(video.Name, 0, 0, 0);
        try
        {
            using IFrameSource source = FrameSources.Open(video.Path, progress.Warn, options.Loop, stop: stop);
            if (source.IsLive)
            {
                throw new InvalidDataException("a live stream, which has no end; name a recording");
            }

            using RunProgress.InputProgress frames = progress.Begin(InputRun.ExpectedFrames(source, options));
            InputRun.Run(options, source, model, Add, progress.Warn, stop);

            void Add(FrameResult frame)
            {
                table.Add(frame with { Source = video.Name });
                outcome = outcome.With(frame);
                frames.Count(frame);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            outcome = InputRecord.Failed(outcome, e);
        }

        stop.ThrowIfCancellationRequested();
        table.Done(outcome);
        progress.Done(outcome);
    }

    private string PathOf(ArchivePart part) => Path.Combine(folder, part.FileName);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    // Everything that the rows depend on. Model files are identified by their hashes, because their paths may differ between machines.
    private static string Settings(RecognitionOptions options, DetectorOptions run) => JsonSerializer.Serialize(
        new
        {
            Version = ProductVersion.Current,
            Model = Shortened(SHA256.HashData(EmotionModels.Read(options.Model))),
            FaceDetector = options.ReadFaceModel() is { } content ? Shortened(SHA256.HashData(content)) : null,
            IsCropped = options.Cropped,
            options.DetectWidth,
            DetectEvery = options.DetectInterval,
            options.MinFacePixels,
            Smoothing = new
            {
                TimeConstantSeconds = options.Smoothing.TimeConstant.TotalSeconds,
                options.Smoothing.UncertainBelow,
                options.Smoothing.SwitchMargin,
                options.Smoothing.CertaintyMargin,
                ForgetAfterSeconds = options.Smoothing.ForgetAfter.TotalSeconds,
            },
            options.Doubts,
            run.MaxFrames,
            run.Loop,
        },
        FaceTable.Json);

    private static string Shortened(byte[] hash) => Convert.ToHexStringLower(hash[..8]);
}
