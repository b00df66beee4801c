using MlNetEmotion.Detector.Scoring;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Lends a fixed number of objects that are not thread-safe, each to one user at a time. One whose use ended with any error but
/// <see cref="InvalidDataException"/> is in an unknown state: it is disposed, and another is created when one is needed. Thread-safe.</summary>
internal sealed class LendingPool<T> : IDisposable
    where T : class, IDisposable
{
    private readonly SemaphoreSlim places;
    private readonly IdlePool<T> objects;

    /// <exception cref="Exception">An object cannot be created.</exception>
    public LendingPool(int count, Func<T> create)
    {
        (places, objects) = (new SemaphoreSlim(count), new IdlePool<T>(create));
        IdlePool<T>.Loan[] all = [.. Enumerable.Range(0, count).Select(_ => objects.Rent())];
        foreach (IdlePool<T>.Loan loan in all)
        {
            loan.Return();
            loan.Dispose();
        }
    }

    /// <summary>Waits for an object that is free, and uses it. An error in creating one is the caller's, and the next caller tries again.</summary>
    public async Task<TResult> UseAsync<TResult>(Func<T, TResult> use, CancellationToken stop)
    {
        await places.WaitAsync(stop);
        try
        {
            using IdlePool<T>.Loan loan = objects.Rent();
            try
            {
                TResult result = use(loan.Engine);
                loan.Return();
                return result;
            }
            catch (InvalidDataException)
            {
                loan.Return();
                throw;
            }
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => objects.Dispose();
}
