using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Xunit;

namespace MlNetEmotion.Tests;

/// <summary>A program in a separate process, as a user starts it. It is killed at the test's end if it still runs.</summary>
internal class ProgramProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly Task<string> output;
    private readonly Task<string> error;

    public ProgramProcess(ProcessStartInfo start)
    {
        (start.UseShellExecute, start.RedirectStandardOutput, start.RedirectStandardError) = (false, true, true);
        process = Process.Start(WithDefaultSignals(start))!;
        output = Read(process.StandardOutput, lines.Writer);
        error = ReadAll(process.StandardError);
    }

    public bool HasExited => process.HasExited;

    /// <summary>Starts any program.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run(string program, params string[] args)
    {
        using var run = new ProgramProcess(new ProcessStartInfo(program, args));
        return await run.Exit();
    }

    /// <summary>The most memory that it held at once, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Reads on until the program writes a line that begins so, and gives the line.</summary>
    public async Task<string> WaitForLine(string beginning)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (string line in lines.Reader.ReadAllAsync(patience.Token))
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new Xunit.Sdk.XunitException($"ended without a line '{beginning}…': {await error}");
    }

    /// <summary>Sends signals as a shell does, one right after the other. Skips the test on Windows, which has none.</summary>
    public void Signal(params string[] names)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        using Process shell = Process.Start("sh", ["-c", string.Join("; ", names.Select(name => $"kill -{name} {process.Id}"))]);
        shell.WaitForExit();
    }

    /// <summary>Ends the program and all that it has started, as a power cut does.</summary>
    public void KillAll() => process.Kill(entireProcessTree: true);

    public async Task<(int ExitCode, string Output, string Error)> Exit(TimeSpan? longest = null)
    {
        using var patience = new CancellationTokenSource(longest ?? Patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();    // on Windows, its files can be deleted only then
        }

        process.Dispose();
    }

    /// <summary>The command that starts a program from the tests' own folder.</summary>
    protected static ProcessStartInfo Beside(string program, string[] args) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"MlNetEmotion.{program}.dll"), .. args]);

    // Under nohup or a shell's '&' signals are ignored, which programs inherit.
    private static ProcessStartInfo WithDefaultSignals(ProcessStartInfo start)
    {
        if (OperatingSystem.IsLinux())
        {
            string[] command = [start.FileName, .. start.ArgumentList];
            command[0] = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, command[0])).FirstOrDefault(File.Exists) ?? command[0];
            start.FileName = "/usr/bin/env";
            start.ArgumentList.Clear();
            Array.ForEach(["--default-signal=HUP,INT,QUIT", .. command], start.ArgumentList.Add);
        }

        return start;
    }

    // Lines end as on Linux, whatever the system.
    private static async Task<string> ReadAll(StreamReader reader) => (await reader.ReadToEndAsync()).ReplaceLineEndings("\n");

    private static async Task<string> Read(StreamReader reader, ChannelWriter<string> lines)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is string line)
        {
            text.Append(line).Append('\n');
            await lines.WriteAsync(line);
        }

        lines.Complete();
        return text.ToString();
    }
}
