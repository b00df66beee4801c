using MlNetEmotion.Detector.Archive;
using MlNetEmotion.Detector.Batch;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using Spectre.Console;

namespace MlNetEmotion.Detector;

/// <summary>Runs one input, with or without a window, many inputs in parallel, or a shard.</summary>
internal static class DetectorProgram
{
    // Scoring is the slowest stage, but the nodes of a small network are too small for more threads.
    private const int ScoringThreads = 2;
    private const int ThreadsPerInput = 6;

    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        bool areMany = options.Shard is not null || BatchInputs.AreMany(options);

        // Each stage of each input may block a thread while it waits for a device or for another stage.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, ThreadsPerInput * (areMany ? options.Jobs : 1)), ports);

        // Decoding and scoring use two cores; a face detector that also ran on these would slow both down.
        OpenCvLibrary.SetThreads(Math.Max(1, Environment.ProcessorCount - 2));
        return options.Shard is not null ? ShardRun.Run(options, stop) : areMany ? RunMany(options, stop) : RunOne(options, stop);
    }

    private static int RunOne(DetectorOptions options, CancellationToken stop)
    {
        string? input = options.Inputs.SingleOrDefault();
        options = PrepareOpenCv(options, input);
        OutputFiles.CheckDistinct([input], options.ResultFiles);
        OutputFiles.CheckFree(options.Force, options.ResultFiles);
        options.CheckEndings();

        // Standard output may be taken by the events.
        bool areEventsPrinted = options.Events == OutputFiles.StandardOutput;
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        using var progress = new RunProgress(new ProgressDisplay(terminal, areEventsPrinted ? Console.Error : Console.Out, Console.Error), inputs: 1);

        // The source is opened before any result file is created, so that a bad input leaves no file behind.
        using IFrameSource source = input is null
            ? new DemoSource()
            : FrameSources.Open(input, progress.Warn, options.Loop, options.ReconnectSeconds, options.Camera, stop);
        using IEmotionModel model = EmotionModels.Load(options.Recognition.Model, Math.Min(ScoringThreads, Environment.ProcessorCount));
        bool isProgressShown = options.Headless && !(areEventsPrinted && !Console.IsOutputRedirected);
        using RunProgress.InputProgress frames = progress.Begin(InputRun.ExpectedFrames(source, options));
        RunReport report = isProgressShown ? progress.Show(Run) : Run();
        progress.WriteLine(InputRun.Summarize(source.Name, report, options.ResultFiles, stop.IsCancellationRequested));
        if (report is { Frames: > 0, Faces: 0 })
        {
            progress.WriteLine(InputRun.Hint(options.Recognition));
        }

        return ExitCodes.Success;

        RunReport Run() => InputRun.Run(options, source, model, frames.Count, progress.Warn, stop);
    }

    // Still images need OpenCV only for drawing. If it is not installed, the results are printed instead of shown.
    private static DetectorOptions PrepareOpenCv(DetectorOptions options, string? input)
    {
        bool areStills = input is not null && (Directory.Exists(input) || FrameSources.IsStill(input));
        if (areStills && options.Headless && !options.FindsOrDrawsByOpenCv)
        {
            return options;
        }

        try
        {
            OpenCvLibrary.Load();
            return options;
        }
        catch (UsageException e) when (areStills && !options.FindsOrDrawsByOpenCv)
        {
            Console.Error.WriteLine($"no window: {e.Message} What is found is printed as JSON lines.");
            return options with { Headless = true, Events = options.Events ?? OutputFiles.StandardOutput };
        }
    }

    private static int RunMany(DetectorOptions options, CancellationToken stop)
    {
        if (options.FindsOrDrawsByOpenCv)
        {
            OpenCvLibrary.Load();
        }

        IReadOnlyList<BatchInput> inputs = BatchInputs.Expand(options, Console.Error.WriteLine);
        using IEmotionModel model = EmotionModels.Load(options.Recognition.Model, 1); // the inputs run in parallel
        using var progress = new RunProgress(new ProgressDisplay(AnsiConsole.Console, Console.Out, Console.Error), inputs.Count);
        return progress.Show(() => new BatchRun(options, model, progress).Run(inputs, stop));
    }
}
