using System.CommandLine;
using System.Text;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Tests;

/// <summary>Runs a program's command line in this process, with its output captured: faster than a process by a second or two, for command lines that end
/// before any work.</summary>
internal static class InProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Some options are static, and each run adds its checks to them.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    // Flows into the tasks and threads of a run, so that what other tests print meanwhile is not captured.
    private static readonly AsyncLocal<(StringWriter Output, StringWriter Error)?> Captured = new();

    static InProcess()
    {
        Console.SetOut(new Switch(Console.Out, () => Captured.Value?.Output));
        Console.SetError(new Switch(Console.Error, () => Captured.Value?.Error));
    }

    /// <summary>Whether output can be captured: a program takes over a terminal.</summary>
    public static bool IsPossible => Console.IsOutputRedirected && Console.IsErrorRedirected;

    public static Task<(int ExitCode, string Output, string Error)> Run(Func<RootCommand> program, params string[] args) => Alone(async () =>
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Captured.Value = (output, error);
        int exitCode = await Task.Run(() => CommandLineApplication.RunAsync(program(), args)).WaitAsync(Patience);
        return (exitCode, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    });

    /// <summary>Makes and parses commands while no other test of this process does.</summary>
    public static async Task<T> Alone<T>(Func<Task<T>> use)
    {
        await OneAtATime.WaitAsync();
        try
        {
            return await use();
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    // Console.SetOut and SetError make its calls take turns.
    private sealed class Switch(TextWriter console, Func<TextWriter?> captured) : TextWriter
    {
        public override Encoding Encoding => console.Encoding;

        private TextWriter Target => captured() ?? console;

        public override void Write(char value) => Target.Write(value);

        public override void Write(string? value) => Target.Write(value);

        public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

        public override void Flush() => Target.Flush();
    }
}
