using System.Collections.Concurrent;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Runs many inputs in parallel, each into its own result files.</summary>
internal sealed class BatchRun(DetectorOptions options, IEmotionModel model, RunProgress progress) : WorkRun<BatchInput>
{
    private readonly BatchResults results = new(options);
    private readonly ConcurrentBag<string> failed = [];

    public int Run(IReadOnlyList<BatchInput> inputs, CancellationToken stop)
    {
        ProcessAll(inputs, options.Jobs, stop);
        RunFigures all = progress.Figures;
        if (all.Done > all.Failed && all.Faces == 0)
        {
            progress.WriteLine(InputRun.Hint(options.Recognition));
        }

        progress.WriteLine($"{all}, {all.Seconds:0.0} s");
        if (stop.IsCancellationRequested)
        {
            progress.Warn($"stopped with {Quantity.Pluralize(all.Inputs - all.Done - all.DoneBefore, "input")} to do; run the same command{(options.Force ? " without '--force'" : "")} again to continue.");
        }

        if (failed.IsEmpty)
        {
            return ExitCodes.Success;
        }

        progress.Warn($"failed: {string.Join(", ", failed.Order(StringComparer.Ordinal))}");
        return ExitCodes.Failure;
    }

    protected override bool TrySkip(BatchInput input)
    {
        if (options.Force || !results.AreThere(input))
        {
            return false;
        }

        progress.DoneBefore(1);
        progress.WriteLine($"{input.Path}: done before; '--force' does it again");
        return true;
    }

    protected override void Process(BatchInput input, CancellationToken stop)
    {
        using IFrameSource source = FrameSources.Open(input.Path, progress.Warn, options.Loop, stop: stop);
        DetectorOptions begun = results.Begin(input);

        // Locks the final paths until the results are renamed; the run itself locks the temporary paths.
        using var locks = new OutputLocks(results.Of(input));
        RunReport report;
        using (RunProgress.InputProgress frames = progress.Begin(InputRun.ExpectedFrames(source, options)))
        {
            report = InputRun.Run(begun, source, model, frames.Count, progress.Warn, stop);
        }

        stop.ThrowIfCancellationRequested();
        results.Finish(input);
        progress.Done(new InputRecord(input.Path, report.Frames, report.Faces, 0));
        progress.WriteLine(InputRun.Summarize(input.Path, report, results.Of(input)));
    }

    protected override void Fail(BatchInput input, Exception e)
    {
        failed.Add(input.Path);
        progress.Done(InputRecord.Failed(new InputRecord(input.Path, 0, 0, 0), e));
    }
}
