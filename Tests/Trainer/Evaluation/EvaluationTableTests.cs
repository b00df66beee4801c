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
            macro F1: 33.33 % (of only 2)
            expected calibration error: 0.00 % (of only 2)
            log loss: 1.5890 (of only 2)
            samples: 2, 4 unreadable
            accuracy from 50.00 % confidence on: 9.45 % to 90.55 % (95 % interval; 50.00 % of only 2), answering 100.00 %
            accuracy from 50.00 % confidence on: 9.45 % to 90.55 % (95 % interval; 50.00 % of only 2), answering 100.00 %

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    // Half right, at the number from which shares stand by themselves and one below; 0.5 ± 0.0971 and 0.5 ± 0.0962 by Wilson's formula.
    [Theory]
    [InlineData(98, "40.29 % to 59.71 % (95 % interval; 50.00 % of only 98)", " (of only 98)", "40.29 % to 59.71 % (95 % interval; 50.00 % of only 98), answering 100.00 %")]
    [InlineData(100, "50.00 % (95 % interval 40.38 % to 59.62 %)", "", "50.00 %, answering 100.00 %")]
    public void Write_FewSamplesOrMore_MarksEveryFigureOfFew(int samples, string accuracy, string mark, string answered)
    {
        var output = new StringWriter { NewLine = "\n" };
        float[] answer = [0.5f, 0.5f, 0, 0, 0, 0, 0];
        EvaluationTable.Write(output, EvaluationResult.Compute(
            [.. Enumerable.Repeat(answer, samples).SelectMany(row => row)], [.. Enumerable.Range(0, samples).Select(i => i % 2 == 0 ? Emotion.Angry : Emotion.Sad)]) with
            {
                Calibration = new CalibrationCheck(0, 1, 0.0128, []),
                LabelHead = new LabelHeadMetrics(0.5, 0.25, 1.5, 0.04, null, new CalibrationCheck(0.1, 1.2, 0.03, [])),
                Robustness = [new("blur", 1, "sigma 0.7 px", 0.5)],
            });

        string text = $"{output}";
        Assert.Contains($"\naccuracy: {accuracy}\nmacro F1: 33.33 %{mark}\nexpected calibration error: 0.00 %{mark}\nexpected calibration error, cross-fitted: 1.28 %{mark}\nlog loss: ", text);
        Assert.Contains($"\nlabel head: accuracy: {(mark.Length > 0 ? accuracy : "50.00 %")}\nlabel head: macro F1: 25.00 %{mark}\nlabel head: log loss: 1.5000{mark}\nlabel head: expected calibration error: 4.00 %{mark}\nlabel head: expected calibration error, cross-fitted: 3.00 %{mark}\n", text);
        Assert.Contains($"\naccuracy from 50.00 % confidence on: {answered}\n", text);
        Assert.EndsWith($"\naccuracy under blur, sigma 0.7 px: {(mark.Length > 0 ? accuracy : "50.00 %")}\n", text, StringComparison.Ordinal);
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
