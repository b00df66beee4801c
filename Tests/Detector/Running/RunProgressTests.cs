using System.Text;
using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Running;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Trainer.Data;
using Spectre.Console;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Running;

public sealed class RunProgressTests : IDisposable
{
    private static readonly FaceResult Face = new(1, default, EmotionScores.Uncertain);

    private readonly StringWriter screen = new() { NewLine = "\n" };
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private readonly ManualTime time = new();

    public void Dispose() => Array.ForEach([screen, output, error], writer => writer.Dispose());

    [Fact]
    public void Show_Terminal_DrawsABarWithTheLinesAboveIt()
    {
        using RunProgress progress = Make(isTerminal: true, inputs: 3);
        using RunProgress.InputProgress second = progress.Begin(expected: 2);
        int answer = progress.Show(() =>
        {
            progress.Done(new InputRecord("one", 1, 0, 0));
            Deliver(second, frames: 1);
            progress.WriteLine("[one]: done");
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
        using RunProgress progress = Make(isTerminal: false, inputs: 3);
        progress.Show(() =>
        {
            progress.DoneBefore(1);
            progress.WriteLine("a: done");
            progress.Warn("b: rtsp://u:secret@host is broken");
            time.Run(60_000);    // a line for each input is enough
            return 0;
        });

        Assert.Equal(("", "a: done\n", "b: rtsp://***@host is broken\n"), (screen.ToString(), output.ToString(), error.ToString()));
    }

    [Fact]
    public void Done_FailedOrWithARemark_NamesTheInputOnce()
    {
        using RunProgress progress = Make(isTerminal: false, inputs: 4);
        progress.Done(new InputRecord("a.png", 1, 0, 0, Remark: "the first of 3 images"));
        progress.Done(new InputRecord("b.png", 0, 0, 0, "truncated"));
        progress.Done(new InputRecord("c.png", 0, 0, 0, "c.png: no such file"));
        progress.DoneBefore(1);

        Assert.Equal("a.png: the first of 3 images\nb.png: truncated\nc.png: no such file\n", error.ToString());
        Assert.Equal("4 inputs: 1 done, 1 done before, 2 failed", $"{progress.Figures}");
    }

    [Fact]
    public void Show_OneInputOnATerminal_ShowsItsFramesAndLeavesTheScreen()
    {
        using RunProgress progress = Make(isTerminal: true, inputs: 1);
        using RunProgress.InputProgress input = progress.Begin(expected: 20);
        progress.Show(() =>
        {
            Deliver(input, frames: 5);
            time.Run(200);
            Thread.Sleep(300);    // the bar is redrawn ten times per second
            return 0;
        });
        progress.WriteLine("a: done");

        Assert.Contains("5 of 20 frames", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("25%", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(("a: done\n", ""), (output.ToString(), error.ToString()));
    }

    [Fact]
    public void Show_OneInputRedirected_WritesALinePerMinute()
    {
        using RunProgress progress = Make(isTerminal: false, inputs: 1);
        using RunProgress.InputProgress input = progress.Begin(expected: null);
        progress.Show(() =>
        {
            Deliver(input, frames: 500);
            time.Run(60_000);    // the timer fires at 1 ms and every 100 ms after it
            Assert.Equal("", error.ToString());
            time.Run(1);
            Deliver(input, frames: 1);
            time.Run(60_000);
            return 0;
        });

        Assert.Equal(("", "500 frames\n501 frames\n"), (output.ToString(), error.ToString()));
    }

    [Fact]
    public void Show_Shard_WritesALinePerMinuteAndItsFileEveryTwoSeconds()
    {
        using var folder = new TemporaryFolder();
        using RunProgress progress = Make(isTerminal: false, inputs: 10, new Shard(2, 3), folder.At("p-{shard}.json"));
        JsonElement running = default;
        progress.Show(() =>
        {
            time.Run(1);
            Assert.Equal(0, Written(folder).GetProperty("frames").GetInt64());
            progress.DoneBefore(4);
            progress.Done(new InputRecord("a.png", 0, 0, 0, "truncated"));
            progress.Done(new InputRecord("b.mp4", 90, 45, 0));
            using RunProgress.InputProgress input = progress.Begin(expected: 100);
            Deliver(input, frames: 90, Face, Face);
            time.Run(1_999);
            Assert.Equal(0, Written(folder).GetProperty("frames").GetInt64());
            time.Run(1);
            Assert.Equal(90, Written(folder).GetProperty("frames").GetInt64());
            time.Run(58_000);
            running = Written(folder);
            progress.End("stopped");
            time.Run(60_000);
            return 0;
        });

        // In 60 s two of the six that were to do: 120 s for the other four.
        Assert.Equal(("6 of 10 inputs, 1 failed, 90 frames, 1.5 frames/s, 120 s to go\n", "a.png: truncated\n"), (output.ToString(), error.ToString()));
        Assert.Equal(
            "shard=2/3 state=running inputs=10 done=2 doneBefore=4 failed=1 frames=90 faces=180 seconds=60 inputsPerSecond=0.03 framesPerSecond=1.5 remainingSeconds=120 updated",
            string.Join(' ', running.EnumerateObject().Select(one => one.Name == "updated" ? one.Name : $"{one.Name}={one.Value}")));
        Assert.Equal("stopped", Written(folder).GetProperty("state").GetString());
    }

    private static JsonElement Written(TemporaryFolder folder) => JsonDocument.Parse(File.ReadAllText(folder.At("p-2.json"))).RootElement;

    private static void Deliver(RunProgress.InputProgress input, int frames, params FaceResult[] faces)
    {
        for (int i = 0; i < frames; i++)
        {
            input.Count(new FrameResult(i, TimeSpan.Zero, [.. faces]));
        }
    }

    private RunProgress Make(bool isTerminal, int inputs, Shard? shard = null, string? file = null)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new Screen(screen, isTerminal),
        });
        return new RunProgress(new ProgressDisplay(terminal, output, error), inputs, shard, file, time);
    }

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
