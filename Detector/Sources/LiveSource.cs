using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A camera or stream that may fail. A thread of its own reads it, so that nobody waits for a device that does
/// not answer; the newest frame is the one that counts. When frames stay away that is told, and the device is opened
/// again until it answers.</summary>
internal sealed class LiveSource : IFrameSource
{
    /// <summary>How long it is tried again, unless the user says otherwise.</summary>
    internal const double DefaultReconnectSeconds = 300;

    // Longer without a frame is a fault. Slow cameras deliver one a second.
    private static readonly TimeSpan StallTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    // A read that takes longer is left alone: its thread frees the device when the read returns, or ends with the process.
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, IFrameSource> open;
    private readonly Action<string> report;
    private readonly TimeSpan reconnectFor;
    private readonly Thread reader;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private long lastSign;
    private readonly object gate = new();
    private readonly CancellationTokenSource interruption = new();
    private Frame newest = new();
    private Frame incoming = new();
    private TimeSpan? first;
    private TimeSpan arrival;
    private bool isNew;
    private bool isTroubled;
    private bool hasEnded;
    private bool isDisposed;
    private Exception? failure;

    /// <summary>Opens the device; one that is not there is not waited for, since the user may have mistyped
    /// it.</summary>
    /// <param name="open">Opens it, now and each time after it was lost; the token ends a wait for it.</param>
    public LiveSource(Func<CancellationToken, IFrameSource> open, Action<string> report, TimeSpan reconnectFor)
    {
        (this.open, this.report, this.reconnectFor) = (open, report, reconnectFor);
        IFrameSource device = open(interruption.Token);
        lastSign = RunningTime.Clock.GetTimestamp();
        (Name, FramesPerSecond, arrival) = (device.Name, device.FramesPerSecond, clock.Elapsed);
        reader = new Thread(() => ReadAll(device)) { IsBackground = true, Name = "live source" };
        reader.Start();
    }

    public string Name { get; }
    public double FramesPerSecond { get; }
    public bool IsLive => true;

    // Since the last picture. A computer that slept finds its camera as patient as before.
    private TimeSpan Silence => RunningTime.Clock.GetElapsedTime(lastSign);

    private bool IsInterrupted => interruption.IsCancellationRequested;

    public string? Trouble
    {
        get
        {
            lock (gate)
            {
                return isTroubled ? $"no picture for {Silence.TotalSeconds:0} s, trying again" : null;
            }
        }
    }

    public bool Read(Frame frame, out TimeSpan timestamp)
    {
        lock (gate)
        {
            while (!isNew && !hasEnded && !IsInterrupted)
            {
                Await();
            }

            timestamp = arrival - (first ?? arrival);
            if (IsInterrupted || !isNew)
            {
                return IsInterrupted || failure is null ? false : throw failure;
            }

            newest.CopyTo(frame);
            isNew = false;
            return true;
        }
    }

    public void Interrupt()
    {
        interruption.Cancel();
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }

    public void Dispose()
    {
        Interrupt();
        reader.Join(ReleaseTime);
        lock (gate)
        {
            isDisposed = true;
            DisposeFrames();
        }
    }

    // Some devices' errors begin with the name.
    private string Named(string message) => message.StartsWith(Name, StringComparison.Ordinal) ? message : $"{Name}: {message}";

    private void Await()
    {
        TimeSpan time = Silence;
        if (reconnectFor > TimeSpan.Zero && time > reconnectFor)
        {
            throw new IOException($"{Name}: no picture for {time.TotalSeconds:0} s; gave up. '--reconnect' says how long to try.");
        }

        if (!isTroubled && time > StallTime)
        {
            isTroubled = true;
            report($"{Name}: no picture for {time.TotalSeconds:0} s; waiting for it.");
        }

        Monitor.Wait(gate, isTroubled ? TimeSpan.FromSeconds(1) : StallTime);
    }

    private void ReadAll(IFrameSource? device)
    {
        try
        {
            while (device is not null)
            {
                device = Reopen(ReadUntilLost(device));
            }
        }
        catch (Exception e)
        {
            failure = e;    // told by Read
        }
        finally
        {
            lock (gate)
            {
                hasEnded = true;
                DisposeFrames();
                Monitor.PulseAll(gate);
            }
        }
    }

    // Whoever comes last: a read in progress still writes into one.
    private void DisposeFrames()
    {
        if (hasEnded && isDisposed)
        {
            newest.Dispose();
            incoming.Dispose();
        }
    }

    // Why no more frames come; null where the device only says that this is the end.
    private Exception? ReadUntilLost(IFrameSource device)
    {
        try
        {
            while (device.Read(incoming, out _) && !IsInterrupted)
            {
                Publish();
            }

            return null;
        }
        catch (Exception e) when (e is IOException or OpenCVException or InvalidDataException)
        {
            return e;
        }
        finally
        {
            device.Dispose();
        }
    }

    private void Publish()
    {
        lock (gate)
        {
            TimeSpan now = clock.Elapsed;
            if (isTroubled)
            {
                report($"{Name}: the picture is back after {Silence.TotalSeconds:0.0} s.");
            }

            lastSign = RunningTime.Clock.GetTimestamp();

            (newest, incoming) = (incoming, newest);
            (arrival, isNew, isTroubled) = (now, true, false);
            first ??= now;
            Monitor.PulseAll(gate);
        }
    }

    private IFrameSource? Reopen(Exception? loss)
    {
        if (reconnectFor == TimeSpan.Zero)
        {
            failure = loss is null ? null : new IOException(Named(loss.Message), loss);
            return null;
        }

        lock (gate)
        {
            isTroubled = true;
            if (!IsInterrupted)
            {
                report($"{Named(loss?.Message ?? "the connection was closed.")} Trying again for up to {reconnectFor.TotalSeconds:0} s.");
            }
        }

        for (TimeSpan pause = FirstPause; !interruption.Token.WaitHandle.WaitOne(pause); pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            try
            {
                return open(interruption.Token);
            }
            catch (Exception e) when (e is UsageException or InvalidDataException or IOException or OpenCVException or OperationCanceledException)
            {
                // Not back yet. Read gives up when it has been tried for long enough.
            }
        }

        return null;
    }
}
