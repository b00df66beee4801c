using System.Text;
using MlNetEmotion.Detector.Batch;
using Spectre.Console;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Batch;

public sealed class BatchDisplayTests : IDisposable
{
    private readonly StringWriter screen = new() { NewLine = "\n" };
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };

    public void Dispose() => Array.ForEach([screen, output, error], writer => writer.Dispose());

    [Fact]
    public void Show_Terminal_DrawsABarWithTheLinesAboveIt()
    {
        BatchDisplay display = Make(isTerminal: true);
        int answer = display.Show(() =>
        {
            display.Advance(0, 1);
            display.Advance(1, 0.5);
            display.WriteLine("[one]: done");
            return 7;
        });

        Assert.Equal((7, ""), (answer, output.ToString()));
        Assert.Contains("[one]: done", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 of 3 inputs", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("50%", screen.ToString(), StringComparison.Ordinal);    // one and a half of three inputs
    }

    [Fact]
    public void Show_Redirected_WritesPlainLines()
    {
        BatchDisplay display = Make(isTerminal: false);
        display.Show(() =>
        {
            display.Advance(0, 1);
            display.WriteLine("a: done");
            display.Warn("b: broken");
            return 0;
        });

        Assert.Equal(("", "a: done\n", "b: broken\n"), (screen.ToString(), output.ToString(), error.ToString()));
    }

    [Fact]
    public void Advance_OneInputOnATerminal_ShowsWhatItDoesAndLeavesTheScreen()
    {
        BatchDisplay display = Make(isTerminal: true, inputs: 1);
        display.Show(() =>
        {
            display.Advance(0, 0.25, "[a].mp4: 5 of 20 frames");
            Thread.Sleep(300);    // the bar is redrawn ten times per second
            return 0;
        });
        display.WriteLine("a: done");

        Assert.Contains("[a].mp4: 5 of 20 frames", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("25%", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(("a: done\n", ""), (output.ToString(), error.ToString()));
    }

    [Fact]
    public void Advance_OneInputRedirected_WritesALineOfTrouble()
    {
        BatchDisplay display = Make(isTerminal: false, inputs: 1);
        display.Advance(0, null, "rtsp://u:secret@host: 500 frames");

        Assert.Equal(TimeSpan.FromMinutes(1), display.Interval);
        Assert.Equal("rtsp://***@host: 500 frames\n", error.ToString());
    }

    private BatchDisplay Make(bool isTerminal, int inputs = 3) => new(
        AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new Screen(screen, isTerminal),
        }),
        output,
        error,
        inputs);

    internal sealed class Screen(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => 100;

        public int Height => 25;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
