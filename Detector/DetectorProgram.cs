using MlNetEmotion.Detector.Batch;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using Spectre.Console;

namespace MlNetEmotion.Detector;

/// <summary>Runs one input, with a window if there shall be one, or many side by side.</summary>
internal static class DetectorProgram
{
    // Scoring is the slowest stage, and a small network's nodes are not worth more.
    private const int ScoringThreads = 2;
    private const int ThreadsAnInput = 6;

    public static int Run(DetectorOptions options, CancellationToken stop)
    {
        OpenCvLibrary.Load();

        // Each stage of each input may keep a thread waiting, for a device or for another stage.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, ThreadsAnInput * (BatchInputs.AreMany(options.Inputs) ? options.Jobs : 1)), ports);

        // Decoding and scoring fill two cores by themselves; a detector that spreads over those holds both up.
        Cv2.SetNumThreads(Math.Max(1, Environment.ProcessorCount - 2));
        return BatchInputs.AreMany(options.Inputs) ? RunMany(options, stop) : RunOne(options, stop);
    }

    private static int RunOne(DetectorOptions options, CancellationToken stop)
    {
        string? input = options.Inputs.SingleOrDefault();
        OutputFiles.CheckDistinct(input, options.ResultFiles);
        OutputFiles.CheckFree(options.Force, options.ResultFiles);

        // What can be wrong with the input is found out before any result file is created.
        using IFrameSource source = input is null
            ? new DemoSource()
            : FrameSources.Open(input, Console.Error.WriteLine, options.Loop, options.ReconnectSeconds);
        using IEmotionModel model = EmotionModels.Load(options.Model, Math.Min(ScoringThreads, Environment.ProcessorCount));
        RunReport report = InputRun.Run(options, source, model, observer: null, Console.Error.WriteLine, stop);

        // Standard output may be the events'.
        TextWriter summary = options.Events == EventLog.StandardOutput ? Console.Error : Console.Out;
        summary.WriteLine(InputRun.Summarize(source.Name, report));
        return ExitCodes.Success;
    }

    private static int RunMany(DetectorOptions options, CancellationToken stop)
    {
        IReadOnlyList<BatchInput> inputs = BatchInputs.Expand(options);
        using IEmotionModel model = EmotionModels.Load(options.Model, 1); // the inputs fill the cores
        var display = new BatchDisplay(AnsiConsole.Console, Console.Out, Console.Error, inputs.Count);
        return display.Show(() => new BatchRun(options, model, display).Run(inputs, stop));
    }
}
