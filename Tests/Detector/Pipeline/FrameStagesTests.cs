using MlNetEmotion.Detector.Pipeline;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Pipeline;

public sealed class FrameStagesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<long> delivered = [];

    [Fact]
    public async Task Run_File_DeliversEveryFrameInOrder()
    {
        var random = new Random(1);
        int captured = 0;
        using FrameStages stages = Stages(isLive: false, capture: slot =>
        {
            slot.Number = captured++;
            return captured <= 200;
        }, deliver: _ =>
        {
            Thread.SpinWait(random.Next(5000));
            return true;
        });

        await Run(stages);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), delivered);
    }

    [Fact]
    public async Task Run_Live_CapturesNoFrameWhileTwoAreInProgress()
    {
        long newest = 0;
        int captures = 0;
        using FrameStages stages = Stages(isLive: true, capture: slot =>
        {
            slot.Number = Interlocked.Read(ref newest);
            Interlocked.Increment(ref captures);
            return slot.Number < 300;
        }, deliver: _ =>
        {
            int expected = delivered.Count + FrameStages.LiveFrames;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref captures) == expected, Patience));
            Thread.Sleep(10);    // a third frame would be captured now
            Assert.Equal(expected, Volatile.Read(ref captures));
            Interlocked.Add(ref newest, 100);    // the device delivers a hundred frames meanwhile
            return true;
        });

        await Run(stages);

        Assert.Equal([0, 0, 100, 200], delivered);
    }

    [Theory]
    [InlineData("capture")]
    [InlineData("find")]
    [InlineData("score")]
    [InlineData("deliver")]
    [InlineData("idle")]
    public async Task Run_StageFails_EndsAllWithItsError(string failing)
    {
        long captured = 0;
        using FrameStages stages = Stages(
            isLive: false,
            capture: slot => (slot.Number = captured++) < 10 || Fail("capture"),
            find: slot => _ = slot.Number < 5 || Fail("find"),
            score: slot => _ = slot.Number < 5 || Fail("score"),
            deliver: slot => slot.Number < 5 || Fail("deliver"),
            idle: failing == "idle" ? () => throw new IOException("idle") : null);

        bool Fail(string stage) => stage == failing ? throw new IOException(stage) : true;

        Assert.Equal(failing, (await Assert.ThrowsAsync<IOException>(() => Run(stages))).Message);
        Assert.Equal(delivered.Order(), delivered);
        if (failing == "capture")
        {
            Assert.Equal(10, delivered.Count);    // frames captured before are not lost
        }
    }

    [Fact]
    public async Task Run_DeliveryQuits_EndsAnEndlessSource()
    {
        using FrameStages stages = Stages(isLive: false, capture: Endless(), deliver: slot => slot.Number < 3);

        await Run(stages);

        Assert.Equal([0, 1, 2, 3], delivered);
    }

    [Fact]
    public async Task Run_Stopped_FinishesTheFramesOnTheirWay()
    {
        using var stop = new CancellationTokenSource();
        long captured = 0;
        using FrameStages stages = Stages(isLive: false, capture: slot =>
        {
            slot.Number = captured++;
            if (captured == 20)
            {
                stop.Cancel();
            }

            return true;
        });

        await RunUntil(stages, stop.Token);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), delivered);
    }

    [Fact]
    public void Run_WithIdle_DeliversOnTheCallingThread()
    {
        int here = Environment.CurrentManagedThreadId;
        long captured = 0;
        var threads = new HashSet<int>();
        using FrameStages stages = Stages(
            isLive: false,
            capture: slot => (slot.Number = captured++) < 10,
            deliver: _ => threads.Add(Environment.CurrentManagedThreadId) || true,
            idle: () =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Thread.Sleep(1);
                return true;
            });

        stages.Run(TestContext.Current.CancellationToken);

        Assert.Equal([here], threads);
        Assert.Equal(10, delivered.Count);
    }

    [Fact]
    public async Task Run_UserQuitsWhileNoFrameComes_Ends()
    {
        using var quit = new ManualResetEventSlim();
        using FrameStages stages = Stages(
            isLive: true,
            capture: _ => !quit.Wait(Patience),
            idle: () =>
            {
                quit.Set();
                return false;
            });

        await Run(stages);

        Assert.Empty(delivered);
    }

    [Theory]
    [InlineData("deliver")]
    [InlineData("idle")]
    [InlineData("stop")]
    public async Task Run_EndsWhileCaptureWaitsForADevice_InterruptsIt(string ending)
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = new ManualResetEventSlim();
        long captured = 0;
        using FrameStages stages = Stages(
            isLive: true,
            capture: slot => (slot.Number = captured++) < 1 || !interrupted.Wait(Patience),
            deliver: _ =>
            {
                if (ending == "stop")
                {
                    stop.Cancel();
                }

                return ending != "deliver";
            },
            idle: ending == "idle" ? () => Interlocked.Read(ref captured) < 2 : null,
            interrupt: interrupted.Set);

        await RunUntil(stages, stop.Token);

        Assert.True(interrupted.IsSet);
        Assert.Equal(2, captured);
    }

    private static Task Run(FrameStages stages) => RunUntil(stages, TestContext.Current.CancellationToken);

    private static Task RunUntil(FrameStages stages, CancellationToken stop) =>
        Task.Run(() => stages.Run(stop), CancellationToken.None).WaitAsync(Patience, CancellationToken.None);

    private static Func<FrameSlot, bool> Endless()
    {
        long captured = 0;
        return slot =>
        {
            slot.Number = captured++;
            return true;
        };
    }

    private FrameStages Stages(
        bool isLive,
        Func<FrameSlot, bool> capture,
        Action<FrameSlot>? find = null,
        Action<FrameSlot>? score = null,
        Func<FrameSlot, bool>? deliver = null,
        Func<bool>? idle = null,
        Action? interrupt = null) => new(isLive)
        {
            TryCapture = capture,
            Find = find ?? (_ => { }),
            Score = score ?? (_ => { }),
            Deliver = slot =>
            {
                bool goOn = deliver?.Invoke(slot) ?? true;
                delivered.Add(slot.Number);
                return goOn;
            },
            Idle = idle,
            Interrupt = interrupt,
        };
}
