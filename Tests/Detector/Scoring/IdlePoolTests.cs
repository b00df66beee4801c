using MlNetEmotion.Detector.Scoring;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Scoring;

public sealed class IdlePoolTests : IDisposable
{
    private readonly List<Engine> created = [];
    private readonly IdlePool<Engine> pool;

    public IdlePoolTests() => pool = new IdlePool<Engine>(() =>
    {
        created.Add(new Engine());
        return created[^1];
    });

    public void Dispose() => pool.Dispose();

    [Fact]
    public void Rent_AfterItsReturn_IsTheSameEngine()
    {
        for (int i = 0; i < 3; i++)
        {
            using IdlePool<Engine>.Loan loan = pool.Rent();
            loan.Return();
        }

        Assert.Equal(0, Assert.Single(created).Disposals);
    }

    [Fact]
    public void Rent_SeveralAtOnce_AreDifferentEngines()
    {
        using IdlePool<Engine>.Loan first = pool.Rent();
        using IdlePool<Engine>.Loan second = pool.Rent();

        Assert.NotSame(first.Engine, second.Engine);
    }

    [Fact]
    public void Loan_WorkThrows_DisposesOfTheEngineAndLendsItNeverAgain()
    {
        Assert.Throws<InvalidOperationException>(Work);
        using IdlePool<Engine>.Loan next = pool.Rent();

        Assert.Equal([1, 0], created.Select(engine => engine.Disposals));
        Assert.Same(created[1], next.Engine);

        void Work()
        {
            using IdlePool<Engine>.Loan loan = pool.Rent();
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Dispose_WhileOneIsLent_DisposesOfItWhenItComesBack()
    {
        IdlePool<Engine>.Loan loan = pool.Rent();
        pool.Dispose();
        Assert.Equal(0, created[0].Disposals);
        loan.Return();
        loan.Dispose();

        Assert.Equal(1, created[0].Disposals);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }

    private sealed class Engine : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
