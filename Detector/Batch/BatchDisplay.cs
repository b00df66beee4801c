using Spectre.Console;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Shows how far many inputs are: a bar on a terminal, lines of text above it; lines alone where output is
/// redirected. Thread-safe.</summary>
internal sealed class BatchDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error, int inputs)
{
    private readonly double[] shares = new double[inputs];
    private readonly Lock gate = new();
    private ProgressTask? bar;

    /// <summary>Runs something with the bar on screen.</summary>
    public int Show(Func<int> run) => !terminal.Profile.Capabilities.Interactive || !terminal.Profile.Out.IsTerminal
        ? run()
        : terminal.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                bar = context.AddTask("inputs", maxValue: inputs);
                return run();
            });

    /// <summary>So much of an input is done, of 1.</summary>
    public void Advance(int input, double share)
    {
        lock (gate)
        {
            shares[input] = share;
            if (bar is not null)
            {
                bar.Value = shares.Sum();
                bar.Description = $"{shares.Count(done => done >= 1)} of {inputs} inputs";
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
                terminal.WriteLine(line);    // above the bar
            }
            else
            {
                writer.WriteLine(line);
            }
        }
    }
}
