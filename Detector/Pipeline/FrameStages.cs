using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tracking;

namespace MlNetEmotion.Detector.Pipeline;

/// <summary>A frame on its way through the stages, with all memory that they need. Reused for later frames.</summary>
internal sealed class FrameSlot : IDisposable
{
    public Frame Frame { get; } = new();

    /// <summary>The frame's faces as found.</summary>
    public List<TrackedFace> Faces { get; } = [];

    /// <summary>The frame's faces as scored.</summary>
    public List<FaceResult> Results { get; } = [];

    /// <summary>Boxes that may hold further faces, in the frame's pixels.</summary>
    public List<Box> Suspected { get; } = [];

    /// <summary>The file or device of the frame.</summary>
    public string Source { get; set; } = "";

    /// <summary>The frame's index among those of its source that were not dropped, from 0.</summary>
    public long Number { get; set; }

    /// <summary>The frame's time since the first one.</summary>
    public TimeSpan Timestamp { get; set; }

    /// <summary>The <see cref="Stopwatch"/> timestamp at which the frame was read.</summary>
    public long CapturedAt { get; set; }

    public void Dispose() => Frame.Dispose();
}

/// <summary>
/// Runs the stages in parallel, each on a different frame, connected by channels. Frames keep their order. A fixed set of slots circulates: if a stage is
/// slow, earlier ones wait for a free slot (back-pressure), and nothing is allocated per frame.
/// <para>From a live source the newest frame wins: while <see cref="LiveFrames"/> frames are in progress, one captured frame waits and is replaced by newer
/// ones. From any other source no frame is lost.</para>
/// </summary>
internal sealed class FrameStages : IDisposable
{
    /// <summary>Maximum number of a live source's frames in progress: enough for stages to overlap, few enough to keep the latency low.</summary>
    internal const int LiveFrames = 2;

    // One per stage (four), and one between any two stages.
    private const int SlotCount = 7;

    private readonly FrameSlot[] slots = [.. Enumerable.Range(0, SlotCount).Select(_ => new FrameSlot())];
    private readonly Channel<FrameSlot> free = Unbounded<FrameSlot>();
    private readonly Channel<FrameSlot> captured;
    private readonly Channel<FrameSlot> found = Unbounded<FrameSlot>();
    private readonly Channel<FrameSlot> scored = Unbounded<FrameSlot>();
    private readonly Channel<bool> permits = Unbounded<bool>();
    private Exception? failure;
    private volatile bool hasEnough;
    private volatile bool isAborted;

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

    /// <summary>Reads the next frame into a slot; returns false at the end.</summary>
    public required Func<FrameSlot, bool> Capture { get; init; }

    /// <summary>Finds the faces in a slot's frame; returns false to end with this frame.</summary>
    public required Func<FrameSlot, bool> Find { get; init; }

    /// <summary>Scores the faces in a slot; returns false to end before this frame.</summary>
    public required Func<FrameSlot, bool> Score { get; init; }

    /// <summary>Delivers the results in a slot; returns false to end with this frame and drop those in progress.</summary>
    public required Func<FrameSlot, bool> Deliver { get; init; }

    /// <summary>Cancels a pending capture. Called from any thread, possibly more than once.</summary>
    public Action? Interrupt { get; init; }

    /// <summary>Called repeatedly on the thread that calls <see cref="Run"/> while it waits for a frame; returns after a short wait, false to end. That thread
    /// then also delivers. Null if any thread may deliver.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Runs until the source ends, a stage ends the run, or the token is cancelled; frames in progress are completed.</summary>
    /// <exception cref="Exception">The first exception that a stage threw.</exception>
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
        while (!hasEnough && !isAborted && !stop.IsCancellationRequested && await free.Reader.ReadAsync(CancellationToken.None) is var slot && Try(Capture, slot))
        {
            captured.Writer.TryWrite(slot);
        }

        // Frames captured before a failure are still delivered.
        captured.Writer.Complete();
    }

    private async Task FindAll()
    {
        // The permit is taken first, so that the frame taken afterwards is the newest.
        while (await permits.Reader.ReadAsync() && await captured.Reader.WaitToReadAsync() && captured.Reader.TryRead(out FrameSlot? slot))
        {
            bool isWanted = !hasEnough && !isAborted;
            if (isWanted && !Try(Find, slot))
            {
                hasEnough = true;
                AbortUnless(failure is null);
            }

            Pass(slot, isWanted && !isAborted, found);
        }

        found.Writer.Complete();
    }

    private async Task ScoreAll()
    {
        while (await found.Reader.WaitToReadAsync() && found.Reader.TryRead(out FrameSlot? slot))
        {
            AbortUnless(isAborted || Try(Score, slot));
            Pass(slot, !isAborted, scored);
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
            else if (isAborted)
            {
                Thread.Sleep(1);
            }
            else
            {
                AbortUnless(Try(static waits => waits(), idle));
            }
        }
    }

    private void DeliverOne(FrameSlot slot)
    {
        AbortUnless(isAborted || Try(Deliver, slot));
        Pass(slot, isContinuing: false, scored);
    }

    // Sets the flag, never clears it: a stage that read it as false must not overwrite another stage's true.
    private void AbortUnless(bool isContinuing)
    {
        if (!isContinuing)
        {
            isAborted = true;
        }
    }

    // Passes a slot to the next stage, or frees it.
    private void Pass(FrameSlot slot, bool isContinuing, Channel<FrameSlot> next)
    {
        if (isContinuing)
        {
            next.Writer.TryWrite(slot);
            return;
        }

        Release(slot);
        permits.Writer.TryWrite(true);
    }

    private void Release(FrameSlot slot) => free.Writer.TryWrite(slot);

    // Run throws the first failure; later ones are its consequences.
    private bool Try<T>(Func<T, bool> stage, T argument)
    {
        bool isContinuing = false;
        try
        {
            isContinuing = stage(argument);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }

        if (!isContinuing)
        {
            Interrupt?.Invoke();
        }

        return isContinuing;
    }
}
