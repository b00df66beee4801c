using Spectre.Console;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Shows how far the inputs are: a bar on a terminal, lines of text above it; lines alone where output is
/// redirected. No line has a password in it. Thread-safe.</summary>
internal sealed class BatchDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error, int inputs)
{
    private static readonly TimeSpan BetweenRepaints = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly ProgressDisplay display = new(terminal, output, error);
    private readonly double[] shares = new double[inputs];

    /// <summary>How often it is worth hearing how far an input is.</summary>
    public TimeSpan Interval => display.IsShown ? BetweenRepaints : BetweenLines;

    /// <summary>Runs something with the bar on screen. That of a single input goes when it is done.</summary>
    public T Show<T>(Func<T> run) => display.Show(inputs == 1 ? "starting" : "inputs", run, clears: inputs == 1);

    /// <summary>So much of an input is done, of 1; null for no idea. Of a single input, what it is doing is shown.</summary>
    public void Advance(int input, double? share, string doing = "")
    {
        lock (shares)
        {
            shares[input] = share ?? 0;
            display.Advance(
                shares.Sum(),
                inputs == 1 && share is null ? null : inputs,
                inputs == 1 ? UrlRedactor.Redact(doing) : $"{shares.Count(done => done >= 1)} of {Quantity.Pluralize(inputs, "input")}");
        }

        if (!display.IsShown && inputs == 1 && doing.Length > 0)
        {
            Warn(doing);
        }
    }

    /// <summary>Tells a result.</summary>
    public void WriteLine(string line) => display.WriteLine(UrlRedactor.Redact(line));

    /// <summary>Tells of trouble.</summary>
    public void Warn(string line) => display.Warn(UrlRedactor.Redact(line));
}
