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
/// Runs the stages in parallel, each on a different frame, connected by channels. Frames keep their order, and every captured frame is delivered, unless the
/// run is aborted. A fixed set of slots circulates: if a stage is slow, earlier ones wait for a free slot (back-pressure).
/// <para>A live source has fewer slots. It keeps only its newest frame, which is captured when a slot is free.</para>
/// </summary>
internal sealed class FrameStages : IDisposable
{
    /// <summary>Maximum number of a live source's frames in progress: enough for stages to overlap, few enough to keep the latency low.</summary>
    internal const int LiveFrames = 2;

    // One per stage (four), and one between any two stages.
    private const int FileFrames = 7;

    private readonly FrameSlot[] slots;
    private readonly Channel<FrameSlot> free = Unbounded();
    private readonly Channel<FrameSlot> captured = Unbounded();
    private readonly Channel<FrameSlot> found = Unbounded();
    private readonly Channel<FrameSlot> scored = Unbounded();
    private Exception? failure;
    private volatile bool isAborted;

    public FrameStages(bool isLive)
    {
        slots = [.. Enumerable.Range(0, isLive ? LiveFrames : FileFrames).Select(_ => new FrameSlot())];
        Array.ForEach(slots, slot => free.Writer.TryWrite(slot));
    }

    /// <summary>Reads the next frame into a slot; returns false at the end.</summary>
    public required Func<FrameSlot, bool> TryCapture { get; init; }

    /// <summary>Finds the faces in a slot's frame.</summary>
    public required Action<FrameSlot> Find { get; init; }

    /// <summary>Scores the faces in a slot.</summary>
    public required Action<FrameSlot> Score { get; init; }

    /// <summary>Delivers the results in a slot; returns false if the user quits, which drops the frames in progress.</summary>
    public required Func<FrameSlot, bool> Deliver { get; init; }

    /// <summary>Cancels a pending capture. Called from any thread, possibly more than once.</summary>
    public Action? Interrupt { get; init; }

    /// <summary>Called repeatedly on the thread that calls <see cref="Run"/> while it waits for a frame; returns after a short wait, false if the user quits.
    /// That thread then also delivers. Null if any thread may deliver.</summary>
    public Func<bool>? Idle { get; init; }

    /// <summary>Runs until the source ends, the user quits, or the token is cancelled; frames in progress are completed unless the user quits.</summary>
    /// <exception cref="Exception">The first exception that a stage threw.</exception>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenRegistration stopping = stop.Register(() => Interrupt?.Invoke());
        Task[] stages =
        [
            Task.Run(() => CaptureAll(stop), CancellationToken.None),
            Task.Run(() => PassAll(captured, Always(Find), found), CancellationToken.None),
            Task.Run(() => PassAll(found, Always(Score), scored), CancellationToken.None),
            Idle is null ? Task.Run(() => PassAll(scored, Deliver, free), CancellationToken.None) : Task.CompletedTask,
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

    private static Channel<FrameSlot> Unbounded() => Channel.CreateUnbounded<FrameSlot>(new UnboundedChannelOptions { SingleReader = true });

    private static Func<FrameSlot, bool> Always(Action<FrameSlot> stage) => slot =>
    {
        stage(slot);
        return true;
    };

    private async Task CaptureAll(CancellationToken stop)
    {
        while (await free.Reader.ReadAsync(CancellationToken.None) is var slot && !isAborted && !stop.IsCancellationRequested && Try(() => TryCapture(slot)))
        {
            captured.Writer.TryWrite(slot);
        }

        // Frames captured before a failure are still delivered.
        captured.Writer.Complete();
    }

    private async Task PassAll(Channel<FrameSlot> from, Func<FrameSlot, bool> stage, Channel<FrameSlot> to)
    {
        await foreach (FrameSlot slot in from.Reader.ReadAllAsync(CancellationToken.None))
        {
            Pass(slot, stage, to);
        }

        if (to != free)
        {
            to.Writer.Complete();
        }
    }

    // Passes a slot to the next stage, or frees it if the run is aborted.
    private void Pass(FrameSlot slot, Func<FrameSlot, bool> stage, Channel<FrameSlot> next)
    {
        if (!isAborted && !Try(() => stage(slot)))
        {
            isAborted = true;
        }

        (isAborted ? free : next).Writer.TryWrite(slot);
    }

    private void DeliverHere(Func<bool> idle)
    {
        while (!scored.Reader.Completion.IsCompleted)
        {
            if (scored.Reader.TryRead(out FrameSlot? slot))
            {
                Pass(slot, Deliver, free);
            }
            else if (isAborted)
            {
                Thread.Sleep(1);
            }
            else if (!Try(idle))
            {
                isAborted = true;
            }
        }
    }

    // Run throws the first failure; later ones are its consequences.
    private bool Try(Func<bool> stage)
    {
        bool isContinuing = false;
        try
        {
            isContinuing = stage();
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
