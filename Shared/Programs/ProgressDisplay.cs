using Spectre.Console;

namespace MlNetEmotion.Programs;

/// <summary>Shows progress: a bar on a terminal, with lines of text above it; the lines alone if output is redirected. While the bar is shown, text written
/// directly to the console is overwritten by the bar. Thread-safe.</summary>
/// <param name="terminal">The console of the bar, which is shown only if it is a terminal.</param>
internal sealed class ProgressDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error)
{
    private readonly Lock gate = new();
    private ProgressTask? bar;

    /// <summary>Whether the bar is on screen.</summary>
    public bool IsShown => bar is not null;

    /// <summary>Runs a function with the bar on screen.</summary>
    /// <param name="clears">Whether to remove the bar at the end.</param>
    public T Show<T>(string description, Func<T> run, bool clears = false) => !terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal
        ? run()
        : terminal.Progress()
            .AutoClear(clears)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = null }, new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask(description);
                try
                {
                    return run();
                }
                finally
                {
                    bar = null;
                }
            });

    /// <summary>Updates the bar; <paramref name="all"/> is null if the total is unknown.</summary>
    public void Advance(double done, double? all, string description)
    {
        lock (gate)
        {
            if (bar is not null)
            {
                (bar.MaxValue, bar.Value, bar.IsIndeterminate, bar.Description) = (all ?? 1, done, all is null, Markup.Escape(description));
            }
        }
    }

    /// <summary>Writes a line to standard output.</summary>
    public void WriteLine(string line) => Write(output, line, isTerminal: bar is not null);

    /// <summary>Writes a warning to standard error.</summary>
    public void Warn(string line) => Write(error, line, isTerminal: bar is not null && !Console.IsErrorRedirected);

    private void Write(TextWriter writer, string line, bool isTerminal)
    {
        lock (gate)
        {
            if (isTerminal)
            {
                terminal.Write(new Align(new Text(line), HorizontalAlignment.Left));    // above the bar; padded, to overwrite the bar's remains
            }
            else
            {
                writer.WriteLine(line);
            }
        }
    }
}
