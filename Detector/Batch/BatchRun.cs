using System.Collections.Concurrent;
using MlNetEmotion.Detector.Pipeline;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Detector.Scoring;
using MlNetEmotion.Detector.Sources;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Runs many inputs in parallel. A failed input does not stop the others; an input whose results exist is skipped.</summary>
internal sealed class BatchRun(DetectorOptions options, IEmotionModel model, BatchDisplay display)
{
    private readonly BatchResults results = new(options);
    private readonly ConcurrentBag<string> failed = [];
    private int done;
    private int doneBefore;
    private long faces;

    public int Run(IReadOnlyList<BatchInput> inputs, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(
            Partitioner.Create(inputs.Index(), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = options.Jobs },
            input => RunOne(input.Index, input.Item, stop));

        if (done > 0 && faces == 0)
        {
            display.WriteLine(InputRun.Hint(options.Recognition));
        }

        string seconds = $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s";
        display.WriteLine($"{Quantity.Pluralize(inputs.Count, "input")}: {done} done, {doneBefore} done before, {failed.Count} failed, {seconds}");
        if (stop.IsCancellationRequested)
        {
            display.Warn($"stopped with {Quantity.Pluralize(inputs.Count - done - doneBefore - failed.Count, "input")} to do; run the same command{(options.Force ? " without '--force'" : "")} again to continue.");
        }

        if (failed.IsEmpty)
        {
            return ExitCodes.Success;
        }

        display.Warn($"failed: {string.Join(", ", failed.Order(StringComparer.Ordinal))}");
        return ExitCodes.Failure;
    }

    private void RunOne(int index, BatchInput input, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        try
        {
            if (!options.Force && results.AreThere(input))
            {
                Interlocked.Increment(ref doneBefore);
                display.WriteLine($"{input.Path}: done before; '--force' does it again");
            }
            else if (Process(index, input, stop) is { } report)
            {
                Interlocked.Increment(ref done);
                Interlocked.Add(ref faces, report.Faces);
                display.WriteLine(InputRun.Summarize(input.Path, report, results.Of(input)));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            // Any error, such as a damaged file or a full disk, affects this input only.
            failed.Add(input.Path);
            display.Warn(e.Message.Contains(input.Path, StringComparison.Ordinal) ? e.Message : $"{input.Path}: {e.Message}");
        }

        display.Advance(index, 1);
    }

    // Null if the run was stopped before the end of the input.
    private RunReport? Process(int index, BatchInput input, CancellationToken stop)
    {
        using IFrameSource source = FrameSources.Open(input.Path, display.Warn, options.Loop, stop: stop);
        DetectorOptions begun = results.Begin(input);

        // Locks the final paths until the results are renamed; the run itself locks the temporary paths.
        using var locks = new OutputLocks(results.Of(input));
        RunReport report = InputRun.Run(begun, source, model, InputProgress.Of(source, options, display, index), display.Warn, stop);
        if (stop.IsCancellationRequested)
        {
            return null;
        }

        results.Finish(input);
        return report;
    }
}
