using System.CommandLine;
using MlNetEmotion.Onnx;

namespace MlNetEmotion.Programs;

/// <summary>Runs a command line: errors become one line on standard error and an exit code; Ctrl+C and SIGTERM cancel.</summary>
public static class CommandLineApplication
{
    private static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show stack traces of errors",
        Recursive = true,
    };

    /// <summary>Parses and runs.</summary>
    /// <param name="root">The program's commands. Their actions may throw.</param>
    /// <param name="args">The arguments as typed.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        root.Options.Add(Verbose);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"{OneLine(parsed.Errors[0].Message)} See '{parsed.CommandResult.Command.Name} --help'.");
            return ExitCodes.Usage;
        }

        // The library's own handler begins only once an action first awaits, too late for one that computes, and it cuts an
        // action off after a while. Here a signal cancels, and the action saves and cleans up in its own time.
        using var stop = new StopSignal();
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                stop.Token);
        }
        catch (Exception e) when (!parsed.GetValue(Verbose) || e is OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(e is OperationCanceledException ? "stopped" : OneLine(e.Message));
            return ExitCode(e);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString());
            return ExitCode(e);
        }
    }

    // System.CommandLine and native libraries write some messages as lists; an error is one line.
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static int ExitCode(Exception e) => e switch
    {
        UsageException or ModelException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException => ExitCodes.Usage,
        OperationCanceledException => ExitCodes.Success,
        _ => ExitCodes.Failure,
    };
}
