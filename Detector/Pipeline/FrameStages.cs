using System.Runtime.ExceptionServices;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>
/// Runs the stages of a frame side by side, each on a frame of its own, on a thread of its own. Frames keep their order. A fixed set of
/// slots goes round: where a stage is slow, those before it wait for a slot, and nothing is allocated a frame.
/// <para>From a live source the newest frame wins: while <see cref="LiveFrames"/> frames are being worked on, a captured frame waits,
/// and a newer one takes its place. From any other source no frame is lost.</para>
/// </summary>
internal sealed class FrameStages : IDisposable
{
    /// <summary>Frames of a live source that are worked on at once: enough to overlap, and few enough to stay close to now.</summary>
    internal const int LiveFrames = 2;

    private const int StageCount = 4;

    // One in each stage, and one between any two.
    private const int SlotCount = (2 * StageCount) - 1;

    private readonly FrameSlot[] slots = [.. Enumerable.Range(0, SlotCount).Select(_ => new FrameSlot())];
    private readonly HandOver<FrameSlot> free = new(SlotCount);
    private readonly HandOver<FrameSlot> captured = new(SlotCount);
    private readonly HandOver<FrameSlot> found = new(SlotCount);
    private readonly HandOver<FrameSlot> scored = new(SlotCount);
    private readonly SemaphoreSlim permits;
    private readonly bool isLive;
    private Exception? failure;
    private volatile bool hasEnough;
    private volatile bool isAbandoned;

    /// <summary>Makes the slots.</summary>
    /// <param name="isLive">Whether newer frames replace those that wait.</param>
    public FrameStages(bool isLive)
    {
        this.isLive = isLive;
        permits = new SemaphoreSlim(isLive ? LiveFrames : SlotCount);
        foreach (FrameSlot slot in slots)
        {
            Release(slot);
        }
    }

    /// <summary>Takes the next frame into a slot; false at the end.</summary>
    public required Func<FrameSlot, bool> Capture { get; init; }

    /// <summary>Finds the faces in a slot's frame; false to end with this frame.</summary>
    public required Func<FrameSlot, bool> Find { get; init; }

    /// <summary>Scores the faces in a slot; false to end before this frame.</summary>
    public required Func<FrameSlot, bool> Score { get; init; }

    /// <summary>Gives away the results in a slot; false to end with this frame and drop those on their way.</summary>
    public required Func<FrameSlot, bool> Deliver { get; init; }

    /// <summary>Told, on any thread, that no more frames are wanted, and told again: ends a capture that waits for one.</summary>
    public Action? Interrupt { get; init; }

    /// <summary>Called on the calling thread, which then delivers too, while it waits for a frame; waits a moment itself; false to
    /// end. Null where any thread may deliver.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Runs until the source ends, a stage wants to end, or the token is cancelled; frames on their way are finished.</summary>
    /// <param name="stop">Asks to stop.</param>
    /// <exception cref="Exception">What a stage threw: the first, where several did.</exception>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenRegistration stopping = stop.Register(() => Interrupt?.Invoke());
        List<Thread> threads = [Start("capture", () => CaptureAll(stop)), Start("find", FindAll), Start("score", ScoreAll)];
        if (Idle is null)
        {
            threads.Add(Start("deliver", DeliverAll));
        }
        else
        {
            DeliverHere(Idle);
        }

        threads.ForEach(thread => thread.Join());
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(slots, slot => slot.Dispose());
        permits.Dispose();
    }

    private static Thread Start(string name, ThreadStart stage)
    {
        var thread = new Thread(stage) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }

    private void CaptureAll(CancellationToken stop)
    {
        while (!hasEnough && !isAbandoned && !stop.IsCancellationRequested && free.Take(out FrameSlot slot) && Try(Capture, slot))
        {
            if (isLive && captured.TryTake(out FrameSlot older))
            {
                Release(older);
            }

            captured.Put(slot);
        }

        // What was captured before a failure is still delivered.
        captured.Complete();
    }

    private void FindAll()
    {
        // The permit comes first: the frame that is taken then is the newest.
        permits.Wait();
        while (captured.Take(out FrameSlot slot))
        {
            bool isWanted = !hasEnough && !isAbandoned;
            if (isWanted && !Try(Find, slot))
            {
                hasEnough = true;
                AbandonUnless(failure is null);
            }

            Pass(slot, isWanted && !isAbandoned, found);
            permits.Wait();
        }

        found.Complete();
    }

    private void ScoreAll()
    {
        while (found.Take(out FrameSlot slot))
        {
            AbandonUnless(isAbandoned || Try(Score, slot));
            Pass(slot, !isAbandoned, scored);
        }

        scored.Complete();
    }

    private void DeliverAll()
    {
        while (scored.Take(out FrameSlot slot))
        {
            DeliverOne(slot);
        }
    }

    private void DeliverHere(Func<bool> idle)
    {
        while (!scored.IsOver)
        {
            if (scored.TryTake(out FrameSlot slot))
            {
                DeliverOne(slot);
            }
            else if (isAbandoned)
            {
                Thread.Sleep(1);
            }
            else
            {
                AbandonUnless(Try(static waits => waits(), idle));
            }
        }
    }

    private void DeliverOne(FrameSlot slot)
    {
        AbandonUnless(isAbandoned || Try(Deliver, slot));
        Pass(slot, goOn: false, scored);
    }

    // Only ever set: stages that found it false before must not write that back after another has set it.
    private void AbandonUnless(bool goOn)
    {
        if (!goOn)
        {
            isAbandoned = true;
        }
    }

    // On to the next stage, or out of the round.
    private void Pass(FrameSlot slot, bool goOn, HandOver<FrameSlot> next)
    {
        if (goOn)
        {
            next.Put(slot);
        }
        else
        {
            Release(slot);
            permits.Release();
        }
    }

    private void Release(FrameSlot slot) => free.Put(slot);

    // The first failure is what Run throws; those that follow from it say nothing new.
    private bool Try<T>(Func<T, bool> stage, T argument)
    {
        bool goOn = false;
        try
        {
            goOn = stage(argument);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }

        if (!goOn)
        {
            Interrupt?.Invoke();
        }

        return goOn;
    }
}
