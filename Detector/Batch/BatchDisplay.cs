using Spectre.Console;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Shows the progress of all inputs: on a terminal a bar with messages above it, otherwise only messages. Passwords in URLs are redacted.
/// Thread-safe.</summary>
internal sealed class BatchDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error, int inputs)
{
    private static readonly TimeSpan BetweenRepaints = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMinutes(1);

    private readonly ProgressDisplay display = new(terminal, output, error);
    private readonly double[] shares = new double[inputs];

    /// <summary>The interval at which an input should report its progress.</summary>
    public TimeSpan Interval => display.IsShown ? BetweenRepaints : BetweenLines;

    /// <summary>Runs a function with the bar on screen. The bar of a single input is cleared at the end.</summary>
    public T Show<T>(Func<T> run) => display.Show(inputs == 1 ? "starting" : "inputs", run, clears: inputs == 1);

    /// <summary>Updates the progress of an input.</summary>
    /// <param name="share">The share that is done, in [0, 1]; null if unknown.</param>
    /// <param name="doing">The current activity, shown if there is only one input.</param>
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

    /// <summary>Prints a result.</summary>
    public void WriteLine(string line) => display.WriteLine(UrlRedactor.Redact(line));

    /// <summary>Prints a warning.</summary>
    public void Warn(string line) => display.Warn(UrlRedactor.Redact(line));
}
