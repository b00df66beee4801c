using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace MlNetEmotion.Programs;

/// <summary>Runs a command line: reports errors as one line on standard error and an exit code; Ctrl+C, SIGTERM and SIGHUP cancel.</summary>
internal static partial class CommandLineApplication
{
    private const int StandardOutput = 1;
    private const int GetDescriptorFlags = 1;    // F_GETFD

    /// <summary>Parses and runs a command; handles the exceptions of its action.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (IsStandardOutputClosed)
        {
            await Console.Error.WriteLineAsync("standard output is closed: redirect it to a file, a pipe or /dev/null.");
            return ExitCodes.Usage;
        }

        using var encoding = new ConsoleEncoding();
        ClosableTerminal.Install();
        var verbose = new Option<bool>("--verbose") { Description = "Show stack traces of errors", Recursive = true };
        root.Options.Add(verbose);

        // Without the library's response files: they are split at blanks, and a file's name may start with '@'.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        string name = parsed.CommandResult.Command.Name;
        string? wrong = parsed.Errors.Count > 0 ? OneLine(parsed.Errors[0].Message)
            : Misplaced(parsed.CommandResult) is { } misplaced
                ? $"'{misplaced}' precedes the command '{name}', which does not accept it: remove one of them. For a file named '{name}', write './{name}'."
                : null;
        if (wrong is not null)
        {
            await Console.Error.WriteLineAsync($"{UrlRedactor.Redact(wrong)} See '{name} --help'.");
            return ExitCodes.Usage;
        }

        // Replaces the library's signal handler, which starts only at an action's first await, too late for a computation, and ends the action after a
        // timeout.
        using var signals = new StopSignals();
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, signals.Token);
        }
        catch (Exception e)
        {
            Exception cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            string message = parsed.GetValue(verbose) ? $"{e}" : OneLine(cause.Message);
            await Console.Error.WriteLineAsync(UrlRedactor.Redact(
                cause is OperationCanceledException ? "stopped"
                : IsDiskFull(cause) ? $"{message.TrimEnd('.')}. Free some space, or write to another disk."
                : IsForbidden(cause) ? $"{message.TrimEnd('.')}. Use a path that you may read and write, or change its permissions."
                : message));
            return cause switch
            {
                OperationCanceledException => ExitCodes.Success,
                UsageException or ModelException or InvalidDataException => ExitCodes.Usage,
                FileNotFoundException or DirectoryNotFoundException => ExitCodes.Usage,
                _ => IsForbidden(cause) ? ExitCodes.Usage : ExitCodes.Failure,
            };
        }
    }

    // The library assigns options and inputs before a subcommand to the parent command, which does not run, so they would be ignored. An option that
    // both commands have is accepted in either place.
    private static string? Misplaced(CommandResult command)
    {
        for (SymbolResult? above = command.Parent; above is CommandResult parent; above = parent.Parent)
        {
            foreach (SymbolResult child in parent.Children)
            {
                string? given = child switch
                {
                    ArgumentResult { Tokens: [{ Value: var value }, ..] } => value,
                    OptionResult { Implicit: false, Option: { Recursive: false } option } result when !command.Command.Options.Contains(option) =>
                        result.IdentifierToken?.Value ?? option.Name,
                    _ => null,
                };
                if (given is not null)
                {
                    return given;
                }
            }
        }

        return null;
    }

    // If descriptor 1 is free, the next file opened gets it and would receive the output. The runtime opens its files with FD_CLOEXEC, an inherited
    // standard output does not have it.
    private static bool IsStandardOutputClosed => !OperatingSystem.IsWindows() && GetDescriptor(StandardOutput, GetDescriptorFlags) != 0;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetDescriptor(int descriptor, int command);

    // ENOSPC and EDQUOT as .NET reports them, and Windows' ERROR_DISK_FULL.
    private static bool IsDiskFull(Exception e) => e is IOException { HResult: 28 or 122 or unchecked((int)0x80070070) };

    // EROFS, ERROR_WRITE_PROTECT and ERROR_INVALID_NAME, beside the errors with an exception type.
    private static bool IsForbidden(Exception e) =>
        e is UnauthorizedAccessException or IOException { HResult: 30 or unchecked((int)0x80070013) or unchecked((int)0x8007007B) };

    // Some messages of System.CommandLine and native libraries have several lines.
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A terminal that may be closed while a program finishes its work: output is then discarded instead of failing.</summary>
internal sealed class ClosableTerminal(Stream terminal) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Installs it for standard output and standard error if they are terminals; not on Windows.</summary>
    public static void Install()
    {
        if (!Console.IsOutputRedirected && !OperatingSystem.IsWindows())
        {
            Console.SetOut(new StreamWriter(new ClosableTerminal(Console.OpenStandardOutput())) { AutoFlush = true });
        }

        if (!Console.IsErrorRedirected && !OperatingSystem.IsWindows())
        {
            Console.SetError(new StreamWriter(new ClosableTerminal(Console.OpenStandardError())) { AutoFlush = true });
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            terminal.Write(buffer);
        }
        catch (IOException)
        {
            // The terminal has been closed.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>The programs' exit codes: 0 if done or stopped in order by the user, 1 if failed while running, 2 for wrong usage or unusable input.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
}

/// <summary>Wrong usage or unusable input, as opposed to a failure.</summary>
/// <param name="message">One line with the problem and the remedy.</param>
/// <param name="innerException">The cause, for <c>--verbose</c>.</param>
public sealed class UsageException(string message, Exception? innerException = null) : ArgumentException(message, innerException);

/// <summary>Quantities in messages.</summary>
internal static class Quantity
{
    /// <summary>A count with its noun: 1 face, 2 faces.</summary>
    public static string Pluralize(long count, string thing) => $"{count} {thing}{(count == 1 ? "" : "s")}";
}

/// <summary>The version that is recorded in written files, for example <c>0.1.0</c>.</summary>
internal static class ProductVersion
{
    public static string Current { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

/// <summary>Sets a Windows console to UTF-8 while a program runs, so that messages show paths with all characters. Other systems always use UTF-8.</summary>
internal sealed class ConsoleEncoding : IDisposable
{
    private readonly Encoding? before;

    public ConsoleEncoding()
    {
        if (OperatingSystem.IsWindows())
        {
            before = Console.OutputEncoding;
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
    }

    // Restored because the code page belongs to the console and would outlast the program.
    public void Dispose()
    {
        if (before is not null)
        {
            Console.OutputEncoding = before;
        }
    }
}
