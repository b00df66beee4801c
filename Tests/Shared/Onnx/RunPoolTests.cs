using Microsoft.ML.OnnxRuntime;
using MlNetEmotion.Onnx;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Onnx;

public sealed class RunPoolTests
{
    [Fact]
    public void Dispose_WhileOneRuns_FreesAllAfterTheLast()
    {
        using InferenceSession session = OnnxSession.Load(Fixture.Model("tiny"));
        using var pool = new RunPool<Run>(session, () => new Run());
        Run first = pool.Rent();
        Run second = pool.Rent();
        Assert.NotSame(first, second);
        pool.Return(first);
        Assert.Same(first, pool.Rent());
        pool.Return(first);

        pool.Dispose();
        Assert.Equal((0, 0), (first.Disposals, second.Disposals));
        pool.Return(second);

        Assert.Equal((1, 1), (first.Disposals, second.Disposals));
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }

    [Fact]
    public void Rent_ThatFails_LeavesNothingRunning()
    {
        using InferenceSession session = OnnxSession.Load(Fixture.Model("tiny"));
        Run? made = null;
        using var pool = new RunPool<Run>(session, () => made is null ? made = new Run() : throw new InvalidOperationException());
        Run only = pool.Rent();
        Assert.Throws<InvalidOperationException>(() => pool.Rent());
        pool.Return(only);

        pool.Dispose();

        Assert.Equal(1, only.Disposals);
    }

    private sealed class Run : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
