using MlNetEmotion.Detector.Pipeline;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class HandOverTests
{
    private readonly HandOver<int> handOver = new(capacity: 2);

    [Fact]
    public void Take_WhatWasPut_ComesInOrderAndThenNothing()
    {
        handOver.Put(1);
        handOver.Put(2);
        handOver.Put(3);    // one more than it was made for
        handOver.Complete();
        Assert.False(handOver.IsOver);

        Assert.Equal([1, 2, 3], Taken());
        Assert.True(handOver.IsOver);
        Assert.False(handOver.Take(out _));
    }

    [Fact]
    public void TryTake_OfNothing_DoesNotWait()
    {
        Assert.False(handOver.TryTake(out _));
        Assert.False(handOver.IsOver);
        handOver.Put(7);
        Assert.True(handOver.TryTake(out int item));
        Assert.Equal(7, item);
    }

    [Fact]
    public async Task Take_BeforeAnythingIsThere_WaitsForIt()
    {
        Task<List<int>> taker = Task.Factory.StartNew(Taken, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(taker.IsCompleted);
        handOver.Put(5);
        handOver.Complete();
        Assert.Equal([5], await taker.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Complete_WithSeveralWaiting_WakesThemAll()
    {
        Task<List<int>>[] takers = [.. Enumerable.Range(0, 3).Select(_ =>
            Task.Factory.StartNew(Taken, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.Delay(50, TestContext.Current.CancellationToken);
        handOver.Complete();
        List<int>[] taken = await Task.WhenAll(takers).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.All(taken, Assert.Empty);
    }

    [Fact]
    public async Task Put_FromSeveralThreads_LosesNothing()
    {
        const int Each = 20_000;
        Task<List<int>>[] takers = [.. Enumerable.Range(0, 2).Select(_ =>
            Task.Factory.StartNew(Taken, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Parallel.For(0, 3, putter =>
        {
            for (int i = 0; i < Each; i++)
            {
                handOver.Put((putter * Each) + i);
            }
        });
        handOver.Complete();

        List<int>[] taken = await Task.WhenAll(takers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 3 * Each), taken.SelectMany(items => items).Order());
    }

    private List<int> Taken()
    {
        var taken = new List<int>();
        while (handOver.Take(out int item))
        {
            taken.Add(item);
        }

        return taken;
    }
}
