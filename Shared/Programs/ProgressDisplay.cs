using Spectre.Console;

namespace MlNetEmotion.Programs;

/// <summary>Shows how far something is: a bar on a terminal, with lines of text above it; lines alone where output is redirected. What is
/// written past it while the bar is on screen, the bar's next picture wipes out. Thread-safe.</summary>
/// <param name="terminal">Where the bar goes, if it is a terminal.</param>
internal sealed class ProgressDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error)
{
    private readonly Lock gate = new();
    private ProgressTask? bar;

    /// <summary>Whether the bar is on screen.</summary>
    public bool IsShown => bar is not null;

    /// <summary>Runs something with the bar on screen.</summary>
    /// <param name="clears">Whether the bar goes at the end.</param>
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

    /// <summary>So much of it is done; of null for nobody knows how much.</summary>
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

    /// <summary>Tells a result.</summary>
    public void WriteLine(string line) => Write(output, line, isTerminal: bar is not null);

    /// <summary>Tells of trouble.</summary>
    public void Warn(string line) => Write(error, line, isTerminal: bar is not null && !Console.IsErrorRedirected);

    private void Write(TextWriter writer, string line, bool isTerminal)
    {
        lock (gate)
        {
            if (isTerminal)
            {
                terminal.Write(new Align(new Text(line), HorizontalAlignment.Left));    // above the bar, and over all that was left of it
            }
            else
            {
                writer.WriteLine(line);
            }
        }
    }
}
