using MlNetEmotion.Detector.Scoring;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Scoring;

public sealed class LendingPoolTests
{
    private readonly List<Lent> created = [];
    private bool canCreate = true;

    [Fact]
    public async Task Use_EndsWithAReportedError_KeepsTheObject()
    {
        using LendingPool<Lent> pool = Create(1);

        await Assert.ThrowsAsync<InvalidDataException>(() => Use(pool, _ => throw new InvalidDataException()));

        Assert.Equal(1, await Use(pool, lent => lent.Number));
        Assert.False(created[0].IsDisposed);
    }

    [Fact]
    public async Task Use_EndsWithAnyOtherError_ReplacesTheObject()
    {
        using LendingPool<Lent> pool = Create(2);

        for (int i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Use(pool, lent => throw new ObjectDisposedException($"{lent.Number}")));
        }

        Assert.Equal([true, true, true, true, true], created.Take(5).Select(lent => lent.IsDisposed));
        Assert.Equal(6, await Use(pool, lent => lent.Number));
    }

    [Fact]
    public async Task Use_NoneCanBeCreated_IsAnErrorEachTimeUntilOneCan()
    {
        using LendingPool<Lent> pool = Create(1);
        await Assert.ThrowsAsync<ArithmeticException>(() => Use(pool, _ => throw new ArithmeticException()));
        canCreate = false;

        await Assert.ThrowsAsync<FileNotFoundException>(() => Use(pool, lent => lent.Number));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Use(pool, lent => lent.Number));
        canCreate = true;

        Assert.Equal(2, await Use(pool, lent => lent.Number));
    }

    [Fact]
    public async Task Use_WhileAllAreLent_WaitsForTheFirstThatComesBack()
    {
        using LendingPool<Lent> pool = Create(1);
        using var done = new ManualResetEventSlim();
        Task<int> first = Task.Run(() => Use(pool, lent =>
        {
            done.Wait(TestContext.Current.CancellationToken);
            return lent.Number;
        }));
        using var impatient = new CancellationTokenSource();
        Task<int> second = Task.Run(() => pool.UseAsync(lent => lent.Number, impatient.Token));
        impatient.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        done.Set();

        Assert.Equal((1, 1), (await first, await Use(pool, lent => lent.Number)));
    }

    [Fact]
    public void Dispose_DisposesAll()
    {
        Create(3).Dispose();

        Assert.Equal([true, true, true], created.Select(lent => lent.IsDisposed));
    }

    private static Task<int> Use(LendingPool<Lent> pool, Func<Lent, int> use) => pool.UseAsync(use, TestContext.Current.CancellationToken);

    private LendingPool<Lent> Create(int count) => new(count, () =>
    {
        var lent = canCreate ? new Lent(created.Count + 1) : throw new FileNotFoundException();
        created.Add(lent);
        return lent;
    });

    private sealed class Lent(int number) : IDisposable
    {
        public int Number => IsDisposed ? throw new ObjectDisposedException(nameof(Lent)) : number;
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
