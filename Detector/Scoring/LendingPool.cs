namespace MlNetEmotion.Detector.Scoring;

/// <summary>A fixed-size pool of objects that are not thread-safe; each has one user at a time. After any exception but
/// <see cref="InvalidDataException"/> an object's state is unknown: it is disposed and replaced when next needed. Thread-safe.</summary>
/// <param name="isLazy">Whether objects are created when they are first needed, rather than now.</param>
/// <exception cref="Exception">An object cannot be created.</exception>
internal sealed class LendingPool<T>(int count, Func<T> create, bool isLazy = false) : IDisposable
    where T : class, IDisposable
{
    private readonly SemaphoreSlim places = new(count);
    private readonly IdlePool<T> objects = new(create, isLazy ? 0 : count);

    /// <summary>Waits for a free object and uses it. If one has to be created and that fails, this call throws; the next one tries again.</summary>
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
