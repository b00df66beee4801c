using Spectre.Console;

namespace MlNetEmotion.Programs;

/// <summary>Shows how far something is: a bar on a terminal, with lines of text above it; lines alone where output is redirected. What is
/// written past it while the bar is on screen, the bar's next picture wipes out. Thread-safe.</summary>
/// <param name="terminal">Where the bar goes, if it is a terminal.</param>
internal sealed class ProgressDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error)
{
    private readonly Lock gate = new();
    private ProgressTask? bar;

    /// <summary>Runs something with the bar on screen.</summary>
    public T Show<T>(string description, Func<T> run) => !terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal
        ? run()
        : terminal.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = null }, new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask(description);
                return run();
            });

    /// <summary>So much of it is done.</summary>
    public void Advance(double done, double all, string description)
    {
        lock (gate)
        {
            if (bar is not null)
            {
                (bar.MaxValue, bar.Value, bar.Description) = (all, done, description);
            }
        }
    }

    /// <summary>Tells a result.</summary>
    public void Say(string line) => WriteLine(output, line, isTerminal: bar is not null);

    /// <summary>Tells of trouble.</summary>
    public void Complain(string line) => WriteLine(error, line, isTerminal: bar is not null && !Console.IsErrorRedirected);

    private void WriteLine(TextWriter writer, string line, bool isTerminal)
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
