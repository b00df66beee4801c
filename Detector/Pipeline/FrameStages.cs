using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A frame on its way through the stages, with all memory that they need. Used again for a later
/// frame.</summary>
internal sealed class FrameSlot : IDisposable
{
    public Frame Frame { get; } = new();

    /// <summary>The faces in it, once found; the same, once scored.</summary>
    public List<TrackedFace> Faces { get; } = [];
    public List<FaceResult> Results { get; } = [];

    /// <summary>Boxes that may hold further faces, in the frame's pixels.</summary>
    public List<Box> Suspected { get; } = [];

    /// <summary>Which file, or device, the frame is of.</summary>
    public string Source { get; set; } = "";

    /// <summary>The frame's number among those of its source that were not dropped, from 0.</summary>
    public long Number { get; set; }

    /// <summary>When it was, since the first.</summary>
    public TimeSpan Timestamp { get; set; }

    /// <summary>When it came out of the source, by <see cref="Stopwatch"/>.</summary>
    public long CapturedAt { get; set; }

    public void Dispose() => Frame.Dispose();
}

/// <summary>
/// Runs the stages of a frame side by side, each on a frame of its own, joined by channels. Frames keep their order. A fixed set of
/// slots goes round: where a stage is slow, those before it wait for a slot, and nothing is allocated a frame.
/// <para>From a live source the newest frame wins: while <see cref="LiveFrames"/> frames are being worked on, a captured frame waits,
/// and a newer one takes its place. From any other source no frame is lost.</para>
/// </summary>
internal sealed class FrameStages : IDisposable
{
    /// <summary>Frames of a live source that are worked on at once: enough to overlap, and few enough to stay close to
    /// now.</summary>
    internal const int LiveFrames = 2;

    // One in each of four stages, and one between any two.
    private const int SlotCount = 7;

    private readonly FrameSlot[] slots = [.. Enumerable.Range(0, SlotCount).Select(_ => new FrameSlot())];
    private readonly Channel<FrameSlot> free = Unbounded<FrameSlot>();
    private readonly Channel<FrameSlot> captured;
    private readonly Channel<FrameSlot> found = Unbounded<FrameSlot>();
    private readonly Channel<FrameSlot> scored = Unbounded<FrameSlot>();
    private readonly Channel<bool> permits = Unbounded<bool>();
    private Exception? failure;
    private volatile bool hasEnough;
    private volatile bool isAbandoned;

    public FrameStages(bool isLive)
    {
        captured = isLive
            ? Channel.CreateBounded<FrameSlot>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, Release)
            : Unbounded<FrameSlot>();
        Array.ForEach(slots, Release);
        for (int i = 0; i < (isLive ? LiveFrames : SlotCount); i++)
        {
            permits.Writer.TryWrite(true);
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

    /// <summary>Called on the calling thread, which then delivers too, while it waits for a frame; waits a moment itself;
    /// false to end. Null where any thread may deliver.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Runs until the source ends, a stage wants to end, or the token is cancelled; frames on their way are
    /// finished.</summary>
    /// <exception cref="Exception">What a stage threw: the first, where several did.</exception>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenRegistration stopping = stop.Register(() => Interrupt?.Invoke());
        Task[] stages =
        [
            Task.Run(() => CaptureAll(stop), CancellationToken.None), Task.Run(FindAll, CancellationToken.None), Task.Run(ScoreAll, CancellationToken.None),
            Idle is null ? Task.Run(DeliverAll, CancellationToken.None) : Task.CompletedTask,
        ];
        if (Idle is not null)
        {
            DeliverHere(Idle);
        }

        Task.WaitAll(stages, CancellationToken.None);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    public void Dispose() => Array.ForEach(slots, slot => slot.Dispose());

    private static Channel<T> Unbounded<T>() => Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    private async Task CaptureAll(CancellationToken stop)
    {
        while (!hasEnough && !isAbandoned && !stop.IsCancellationRequested && await free.Reader.ReadAsync(CancellationToken.None) is var slot && Try(Capture, slot))
        {
            captured.Writer.TryWrite(slot);
        }

        // What was captured before a failure is still delivered.
        captured.Writer.Complete();
    }

    private async Task FindAll()
    {
        // The permit comes first: the frame that is taken then is the newest.
        while (await permits.Reader.ReadAsync() && await captured.Reader.WaitToReadAsync() && captured.Reader.TryRead(out FrameSlot? slot))
        {
            bool isWanted = !hasEnough && !isAbandoned;
            if (isWanted && !Try(Find, slot))
            {
                hasEnough = true;
                AbandonUnless(failure is null);
            }

            Pass(slot, isWanted && !isAbandoned, found);
        }

        found.Writer.Complete();
    }

    private async Task ScoreAll()
    {
        while (await found.Reader.WaitToReadAsync() && found.Reader.TryRead(out FrameSlot? slot))
        {
            AbandonUnless(isAbandoned || Try(Score, slot));
            Pass(slot, !isAbandoned, scored);
        }

        scored.Writer.Complete();
    }

    private async Task DeliverAll()
    {
        while (await scored.Reader.WaitToReadAsync() && scored.Reader.TryRead(out FrameSlot? slot))
        {
            DeliverOne(slot);
        }
    }

    private void DeliverHere(Func<bool> idle)
    {
        while (!scored.Reader.Completion.IsCompleted)
        {
            if (scored.Reader.TryRead(out FrameSlot? slot))
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
    private void Pass(FrameSlot slot, bool goOn, Channel<FrameSlot> next)
    {
        if (goOn)
        {
            next.Writer.TryWrite(slot);
            return;
        }

        Release(slot);
        permits.Writer.TryWrite(true);
    }

    private void Release(FrameSlot slot) => free.Writer.TryWrite(slot);

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
