using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Cancels a token on Ctrl+C, SIGTERM and SIGHUP, so that the program can save and clean up. A second Ctrl+C or SIGTERM ends the process at once,
/// in case a device does not respond; signals within a second of the first are repetitions of it. On Windows, Ctrl+Break is handled like Ctrl+C; closing the
/// console like SIGHUP; signing out and shutting down like SIGTERM.</summary>
internal sealed class StopSignals : IDisposable
{
    // Schedulers, 'dotnet run' and a terminal's process group may deliver one signal several times.
    private static readonly TimeSpan RepeatWindow = TimeSpan.FromSeconds(1);

    // Windows ends the process as soon as the handler of a closed console returns, at the latest after 5 s.
    private static readonly TimeSpan WindowsShutdownTimeout = TimeSpan.FromSeconds(4.5);

    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly PosixSignalRegistration[] registrations;
    private long first;

    public StopSignals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        .. OperatingSystem.IsWindows()
            ? [PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, HangUp)]
            : new[] { PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop) },
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp),
    ];

    public CancellationToken Token => stop.Token;

    public void Dispose()
    {
        ended.Set();
        Array.ForEach(registrations, registration => registration.Dispose());
        stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = Stopwatch.GetElapsedTime(FirstAt()) < RepeatWindow;
        stop.Cancel();
    }

    // Never ends the process, since a closing terminal may send SIGHUP several times.
    private void HangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        FirstAt();
        stop.Cancel();
        if (OperatingSystem.IsWindows())
        {
            ended.Wait(WindowsShutdownTimeout);
        }
    }

    // The time of the first signal: now, if this is the first.
    private long FirstAt()
    {
        long now = Stopwatch.GetTimestamp();
        long earlier = Interlocked.CompareExchange(ref first, now, 0);
        return earlier == 0 ? now : earlier;
    }
}
