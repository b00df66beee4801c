using System.Collections.Concurrent;

namespace MlNetEmotion.Detector.Scoring;

/// <summary>Lends each caller an engine to itself, and keeps it for the next. One that was in use when something was thrown is disposed of: what state it
/// is in is not known. Thread-safe; creates one only when more callers come at once than ever before.</summary>
internal sealed class IdlePool<T>(Func<T> create) : IDisposable
    where T : IDisposable
{
    private readonly ConcurrentBag<T> idle = [];
    private volatile bool isDisposed;

    public Loan Rent()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return new Loan(this, idle.TryTake(out T? free) ? free : create());
    }

    /// <summary>Disposes of all engines: of those that are lent when they come back.</summary>
    public void Dispose()
    {
        isDisposed = true;
        while (idle.TryTake(out T? engine))
        {
            engine.Dispose();
        }
    }

    /// <summary>An engine on loan. Disposing of the loan disposes of the engine, unless it was said to be whole.</summary>
    public sealed class Loan(IdlePool<T> pool, T engine) : IDisposable
    {
        private bool isWhole;

        public T Engine => engine;

        /// <summary>The engine has done its work, and may be lent again.</summary>
        public void Return() => isWhole = true;

        public void Dispose()
        {
            if (!isWhole)
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
