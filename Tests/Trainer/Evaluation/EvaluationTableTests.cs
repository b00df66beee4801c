using MlNetEmotion.Trainer.Evaluation;
using Spectre.Console;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Evaluation;

public sealed class EvaluationTableTests
{
    // One of two right; Wilson's interval for 1 of 2 is 9.45 % to 90.55 %. Log loss: (ln 2 + ln 12) / 2 = 1.5890.
    private static readonly EvaluationResult Result = EvaluationResult.Compute(
        [0.5f, 0.5f, 0, 0, 0, 0, 0, 0.5f, 0, 0, 0, 1 / 12f, 5 / 12f, 0], [Emotion.Angry, Emotion.Sad], unreadable: 4);

    [Fact]
    public void Write_TwoSamples_GivesALineAClassAndALineAFigure()
    {
        var output = new StringWriter { NewLine = "\n" };
        EvaluationTable.Write(output, Result);
        Assert.Equal(
            """
            class      precision    recall        f1   support
            Angry         0.5000    1.0000    0.6667         1
            Disgust       0.0000    0.0000    0.0000         0
            Fear          0.0000    0.0000    0.0000         0
            Happy         0.0000    0.0000    0.0000         0
            Sad           0.0000    0.0000    0.0000         1
            Surprise      0.0000    0.0000    0.0000         0
            Neutral       0.0000    0.0000    0.0000         0
            accuracy: 9.45 % to 90.55 % (95 % interval; 50.00 % of only 2)
            macro F1: 33.33 %
            expected calibration error: 0.00 %
            log loss: 1.5890
            samples: 2, 4 unreadable
            accuracy from 50.00 % confidence on: 50.00 %, answering 100.00 %
            accuracy from 50.00 % confidence on: 50.00 %, answering 100.00 %

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Fact]
    public void Draw_TwoSamples_ShowsClassesAndFigures()
    {
        var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output),
        });
        EvaluationTable.Draw(console, Result);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains("│ Angry    │   50.00 % │ 100.00 % │ 66.67 % │       1 │", lines);
        Assert.Contains("accuracy 9.45 % to 90.55 % (95 % interval; 50.00 % of only 2)", lines);
    }
}
