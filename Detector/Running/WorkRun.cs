using System.Collections.Concurrent;

namespace MlNetEmotion.Detector.Running;

/// <summary>Processes many items in parallel. Items that an earlier run has done are skipped, and one that fails does not stop the others. After a stop no
/// item begins.</summary>
internal abstract class WorkRun<T>
{
    /// <summary>Processes items, each of them as soon as one of the jobs is free.</summary>
    public void ProcessAll(IEnumerable<T> items, int jobs, CancellationToken stop) => Parallel.ForEach(
        Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering),
        new ParallelOptions { MaxDegreeOfParallelism = jobs },
        item =>
        {
            try
            {
                if (!stop.IsCancellationRequested && !TrySkip(item))
                {
                    Process(item, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                // Any error, such as a damaged file, a full disk or a bug in a decoder, affects this item only.
                Fail(item, e);
            }
        });

    /// <summary>Counts the item as done before and returns true if an earlier run has done it.</summary>
    protected abstract bool TrySkip(T item);

    /// <summary>Processes an item and counts its inputs; throws if the item failed, or if it is incomplete because of a stop.</summary>
    protected abstract void Process(T item, CancellationToken stop);

    /// <summary>Records and reports the exception of an item.</summary>
    protected abstract void Fail(T item, Exception e);
}
