using Spectre.Console;

namespace MlNetEmotion.Detector.Batch;

/// <summary>Shows how far many inputs are. Thread-safe.</summary>
internal sealed class BatchDisplay(IAnsiConsole terminal, TextWriter output, TextWriter error, int inputs)
{
    private readonly ProgressDisplay display = new(terminal, output, error);
    private readonly double[] shares = new double[inputs];

    /// <summary>Runs something with the bar on screen.</summary>
    public int Show(Func<int> run) => display.Show("inputs", run);

    /// <summary>So much of an input is done, of 1.</summary>
    public void Advance(int input, double share)
    {
        lock (shares)
        {
            shares[input] = share;
            display.Advance(shares.Sum(), inputs, $"{shares.Count(done => done >= 1)} of {Counted.Of(inputs, "input")}");
        }
    }

    /// <summary>Tells a result.</summary>
    public void Say(string line) => display.Say(line);

    /// <summary>Tells of trouble.</summary>
    public void Complain(string line) => display.Complain(line);
}
