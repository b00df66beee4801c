using System.Collections.Concurrent;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>A thread-safe pool that lends each caller an engine exclusively, and creates one only if all are lent. An engine in use when an exception was
/// thrown is disposed, because its state is unknown.</summary>
/// <param name="count">The number of engines to create now.</param>
internal sealed class IdlePool<T>(Func<T> create, int count = 0) : IDisposable
    where T : IDisposable
{
    private readonly ConcurrentBag<T> idle = [.. Enumerable.Range(0, count).Select(_ => create())];
    private volatile bool isDisposed;

    public Loan Rent()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return new Loan(this, idle.TryTake(out T? free) ? free : create());
    }

    /// <summary>Disposes all engines; those on loan when they are returned.</summary>
    public void Dispose()
    {
        isDisposed = true;
        while (idle.TryTake(out T? engine))
        {
            engine.Dispose();
        }
    }

    /// <summary>An engine on loan. Disposing the loan disposes the engine unless <see cref="Return"/> was called.</summary>
    public sealed class Loan(IdlePool<T> pool, T engine) : IDisposable
    {
        private bool isIntact;

        public T Engine => engine;

        /// <summary>Marks the engine as intact, to be lent again.</summary>
        public void Return() => isIntact = true;

        public void Dispose()
        {
            if (!isIntact)
            {
                engine.Dispose();
                return;
            }

            pool.idle.Add(engine);
            if (pool.isDisposed)
            {
                pool.Dispose();
            }
        }
    }
}
