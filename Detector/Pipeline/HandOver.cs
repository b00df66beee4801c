namespace MlNetEmotion.Detector.Pipeline;

/// <summary>
/// Hands items from one thread to another, in order. Waits by blocking: a stage has a thread of its own, and unlike an awaited
/// channel, this allocates nothing and leaves each stage on its thread, with that thread's pooled arrays. Thread-safe.
/// </summary>
/// <param name="capacity">The most items there will ever be at once; more make it grow.</param>
internal sealed class HandOver<T>(int capacity)
{
    private readonly Queue<T> items = new(capacity);
    private bool isComplete;

    /// <summary>Whether nothing more will come.</summary>
    public bool IsOver
    {
        get
        {
            lock (items)
            {
                return isComplete && items.Count == 0;
            }
        }
    }

    /// <summary>Adds an item.</summary>
    /// <param name="item">The item.</param>
    public void Put(T item)
    {
        lock (items)
        {
            items.Enqueue(item);
            Monitor.Pulse(items);
        }
    }

    /// <summary>Takes the oldest item, or waits for one.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False when nothing more will come.</returns>
    public bool Take(out T item)
    {
        lock (items)
        {
            while (items.Count == 0 && !isComplete)
            {
                Monitor.Wait(items);
            }

            return items.TryDequeue(out item!);
        }
    }

    /// <summary>Takes the oldest item, if there is one.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(out T item)
    {
        lock (items)
        {
            return items.TryDequeue(out item!);
        }
    }

    /// <summary>Ends: what was put can still be taken.</summary>
    public void Complete()
    {
        lock (items)
        {
            isComplete = true;
            Monitor.PulseAll(items);
        }
    }
}
