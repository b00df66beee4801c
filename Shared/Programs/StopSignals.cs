using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MlNetEmotion.Programs;

/// <summary>Ctrl+C, SIGTERM and SIGHUP cancel a token, and the program saves and cleans up in its own time. A second Ctrl+C or SIGTERM ends the process
/// at once, for when a device does not answer; signals within a second of the first count as that one. On Windows, Ctrl+Break counts as Ctrl+C, and closing
/// the console, signing out and shutting down as SIGHUP and SIGTERM.</summary>
internal sealed class StopSignals : IDisposable
{
    // Schedulers, 'dotnet run' and a terminal's whole group of processes pass a signal on more than once, at once.
    private static readonly TimeSpan RepeatWindow = TimeSpan.FromSeconds(1);

    // Windows ends the process as soon as the handler of a closed console returns, and after 5 s in any case.
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

    // A terminal that closes may send it more than once.
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

    // When the first signal came; now, where this is it.
    private long FirstAt()
    {
        long now = Stopwatch.GetTimestamp();
        long earlier = Interlocked.CompareExchange(ref first, now, 0);
        return earlier == 0 ? now : earlier;
    }
}
