using MlNetEmotion.Detector.Frames;

namespace MlNetEmotion.Detector.Sources;

/// <summary>A camera or stream that may fail. A separate thread reads it, so that callers never wait for a device that does not answer; only the newest frame
/// is kept. If frames stop arriving, that is reported and the device is reopened until it answers.</summary>
internal sealed class LiveSource : IFrameSource
{
    /// <summary>The default time for which reconnecting is attempted.</summary>
    internal const double DefaultReconnectSeconds = 300;

    // A longer gap between frames is a fault. Slow cameras deliver one frame per second.
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MinRetryDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(10);

    // A read that takes longer is abandoned: its thread frees the device when the read returns, or ends with the process. The garbage collector frees the
    // frames, into one of which it may still write.
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, IFrameSource> open;
    private readonly Action<string> report;
    private readonly TimeSpan reconnectFor;
    private readonly Thread reader;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly TimeProvider time;
    private readonly ITimer alarm;
    private long lastFrameAt;
    private readonly object gate = new();
    private readonly CancellationTokenSource interruption = new();
    private Frame newest = new();
    private Frame incoming = new();
    private TimeSpan? first;
    private TimeSpan arrival;
    private bool isNew;
    private bool isStalled;
    private bool hasEnded;
    private Exception? failure;

    /// <summary>Opens the device. Throws if it is missing, without a retry, because the user may have mistyped its name.</summary>
    /// <param name="open">Opens the device, now and after each loss; the token cancels the wait for it.</param>
    /// <param name="time">The clock for silences and retries; null for the process's running time.</param>
    public LiveSource(Func<CancellationToken, IFrameSource> open, Action<string> report, TimeSpan reconnectFor, TimeProvider? time = null)
    {
        (this.open, this.report, this.reconnectFor, this.time) = (open, report, reconnectFor, time ?? RunningTime.Clock);
        IFrameSource device = open(interruption.Token);
        alarm = this.time.CreateTimer(_ => Wake(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lastFrameAt = this.time.GetTimestamp();
        (Name, FramesPerSecond, arrival) = (device.Name, device.FramesPerSecond, clock.Elapsed);
        reader = new Thread(() => ReadAll(device)) { IsBackground = true, Name = "live source" };
        reader.Start();
    }

    public string Name { get; }
    public double FramesPerSecond { get; }
    public bool IsLive => true;

    // The time since the last frame, without the time that the computer slept.
    private TimeSpan Silence => time.GetElapsedTime(lastFrameAt);

    private bool IsInterrupted => interruption.IsCancellationRequested;

    public string? StallMessage
    {
        get
        {
            lock (gate)
            {
                return isStalled ? $"no image for {Silence.TotalSeconds:0} s, trying again" : null;
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

            newest.Swap(frame);
            isNew = false;
            return true;
        }
    }

    public void Interrupt()
    {
        interruption.Cancel();
        Wake();
    }

    public void Dispose()
    {
        Interrupt();
        alarm.Dispose();
        if (reader.Join(JoinTimeout))
        {
            newest.Dispose();
            incoming.Dispose();
        }
    }

    // Some errors of devices already begin with the name.
    private string Named(string message) => message.StartsWith(Name, StringComparison.Ordinal) ? message : $"{Name}: {message}";

    private void Await()
    {
        TimeSpan silence = Silence;
        if (reconnectFor > TimeSpan.Zero && silence >= reconnectFor)
        {
            throw new IOException($"{Name}: no image for {silence.TotalSeconds:0} s; gave up. '--reconnect' sets how long to try.");
        }

        if (!isStalled && silence >= StallTimeout)
        {
            isStalled = true;
            report($"{Name}: no image for {silence.TotalSeconds:0} s; waiting for it.");
        }

        alarm.Change(isStalled ? TimeSpan.FromSeconds(1) : StallTimeout, Timeout.InfiniteTimeSpan);
        Monitor.Wait(gate);
    }

    private void Wake()
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
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
            failure = e;    // thrown by Read
        }
        finally
        {
            lock (gate)
            {
                hasEnded = true;
                Monitor.PulseAll(gate);
            }
        }
    }

    // Returns the error that ended the frames; null at a regular end.
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
            if (isStalled)
            {
                report($"{Name}: the image is back after {Silence.TotalSeconds:0.0} s.");
            }

            lastFrameAt = time.GetTimestamp();

            (newest, incoming) = (incoming, newest);
            (arrival, isNew, isStalled) = (now, true, false);
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
            isStalled = true;
            if (!IsInterrupted)
            {
                report($"{Named(loss?.Message ?? "the connection was closed.")} Trying again for up to {reconnectFor.TotalSeconds:0} s.");
            }
        }

        for (TimeSpan delay = MinRetryDelay; Pause(delay); delay = delay < MaxRetryDelay / 2 ? delay * 2 : MaxRetryDelay)
        {
            try
            {
                return open(interruption.Token);
            }
            catch (Exception e) when (e is UsageException or InvalidDataException or IOException or OpenCVException or OperationCanceledException)
            {
                // Still missing. Read gives up after the reconnect time.
            }
        }

        return null;
    }
    // Returns false if interrupted.
    private bool Pause(TimeSpan delay)
    {
        Task.WhenAny(Task.Delay(delay, time, interruption.Token)).Wait();
        return !IsInterrupted;
    }
}
