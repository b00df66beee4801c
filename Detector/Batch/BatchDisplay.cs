using Spectre.Console;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Shows how far the inputs are: a bar on a terminal, lines of text above it; lines alone where output is
/// redirected. No line has a password in it. Thread-safe.</summary>
internal sealed class BatchDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error, int inputs)
{
    private static readonly TimeSpan BetweenRepaints = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly double[] shares = new double[inputs];
    private readonly Lock gate = new();
    private ProgressTask? bar;

    /// <summary>How often it is worth hearing how far an input is.</summary>
    public TimeSpan Interval => bar is null ? BetweenLines : BetweenRepaints;

    /// <summary>Runs something with the bar on screen. That of a single input goes when it is done.</summary>
    public T Show<T>(Func<T> run) => !terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal
        ? run()
        : terminal.Progress()
            .AutoClear(inputs == 1)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask(inputs == 1 ? "starting" : "inputs", maxValue: inputs);
                try
                {
                    return run();
                }
                finally
                {
                    bar = null;
                }
            });

    /// <summary>So much of an input is done, of 1; null for no idea. Of a single input, what it is doing is shown.</summary>
    public void Advance(int input, double? share, string doing = "")
    {
        lock (gate)
        {
            shares[input] = share ?? 0;
            if (bar is not null)
            {
                bar.Value = shares.Sum();
                bar.IsIndeterminate = inputs == 1 && share is null;
                bar.Description = inputs == 1 ? Markup.Escape(doing) : $"{shares.Count(done => done >= 1)} of {inputs} inputs";
            }
        }

        if (bar is null && inputs == 1 && doing.Length > 0)
        {
            Complain(doing);
        }
    }

    /// <summary>Tells a result.</summary>
    public void Say(string line) => WriteLine(output, line, isTerminal: bar is not null);

    /// <summary>Tells of trouble.</summary>
    public void Complain(string line) => WriteLine(error, line, isTerminal: bar is not null && !Console.IsErrorRedirected);

    private void WriteLine(TextWriter writer, string line, bool isTerminal)
    {
        line = StreamAddress.Hide(line);
        lock (gate)
        {
            if (isTerminal)
            {
                terminal.WriteLine(line);    // above the bar
            }
            else
            {
                writer.WriteLine(line);
            }
        }
    }
}
