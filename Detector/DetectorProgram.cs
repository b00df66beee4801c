using MlNetEmotion.Onnx;
using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Batch;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Native.OpenCv;
using Spectre.Console;

namespace MlNetEmotion.Detector;

/// <summary>Runs one input, with a window if there shall be one, or many side by side.</summary>
internal static class DetectorProgram
{
    // Scoring is the slowest stage, and a small network's nodes are not worth more.
    private const int ScoringThreads = 2;

    /// <summary>Runs.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="stop">Asks to stop after the frame in progress.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(DetectorOptions options, CancellationToken stop)
    {
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
        using EmotionClassifier classifier = LoadClassifier(options.Model, threads: Math.Min(ScoringThreads, Environment.ProcessorCount));
        RunReport report = InputRun.Run(options, source, classifier, observer: null, stop);

        // Standard output may be the events'.
        TextWriter summary = options.Events == EventLog.StandardOutput ? Console.Error : Console.Out;
        summary.WriteLine(InputRun.Summarize(source.Name, report));
        return ExitCodes.Success;
    }

    private static int RunMany(DetectorOptions options, CancellationToken stop)
    {
        IReadOnlyList<BatchInput> inputs = BatchInputs.Expand(options);
        using EmotionClassifier classifier = LoadClassifier(options.Model, threads: 1); // the inputs fill the cores
        var display = new BatchDisplay(AnsiConsole.Console, Console.Out, Console.Error, inputs.Count);
        return display.Show(() => new BatchRun(options, classifier, display).Run(inputs, stop));
    }

    private static EmotionClassifier LoadClassifier(string? model, int threads)
    {
        var session = new OnnxOptions { Threads = threads };
        return model is null ? EmotionClassifier.LoadDefault(session) : new EmotionClassifier(model, session);
    }
}
