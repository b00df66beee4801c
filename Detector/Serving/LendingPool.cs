using System.Collections.Concurrent;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Lends a fixed number of objects that are not thread-safe, each to one user at a time. One whose use ended with any error but
/// <see cref="InvalidDataException"/> is in an unknown state: it is disposed, and another is created when one is needed. Thread-safe.</summary>
internal sealed class LendingPool<T> : IDisposable
    where T : class, IDisposable
{
    private readonly Func<T> create;
    private readonly SemaphoreSlim places;
    private readonly ConcurrentStack<T> idle = new();
    private volatile bool isOver;

    /// <exception cref="Exception">An object cannot be created.</exception>
    public LendingPool(int count, Func<T> create)
    {
        (this.create, places) = (create, new SemaphoreSlim(count));
        for (int i = 0; i < count; i++)
        {
            idle.Push(create());
        }
    }

    /// <summary>Waits for an object that is free, and uses it. An error in creating one is the caller's, and the next caller tries again.</summary>
    public async Task<TResult> UseAsync<TResult>(Func<T, TResult> use, CancellationToken stop)
    {
        await places.WaitAsync(stop);
        try
        {
            return Use(idle.TryPop(out T? kept) ? kept : create(), use);
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose()
    {
        isOver = true;
        while (idle.TryPop(out T? kept))
        {
            kept.Dispose();
        }
    }

    private TResult Use<TResult>(T lent, Func<T, TResult> use)
    {
        bool isSound = false;
        try
        {
            TResult result = use(lent);
            isSound = true;
            return result;
        }
        catch (InvalidDataException)
        {
            isSound = true;
            throw;
        }
        finally
        {
            if (isSound && !isOver)
            {
                idle.Push(lent);
            }
            else
            {
                lent.Dispose();
            }
        }
    }
}
