using Spectre.Console;
using static MlNetEmotion.Trainer.Evaluation.WilsonInterval;

namespace MlNetEmotion.Trainer.Evaluation;

/// <summary>Prints an evaluation, as a table in a terminal or as plain lines.</summary>
internal static class EvaluationTable
{
    /// <summary>Draws a table, with the lowest F1 score in red and the highest in green.</summary>
    public static void Draw(IAnsiConsole console, EvaluationResult result)
    {
        ClassMetrics[] present = [.. result.PerClass.Where(metrics => metrics.Support > 0).OrderBy(metrics => metrics.F1)];
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("Class");
        foreach (string name in (string[])["Precision", "Recall", "F1", "Support"])
        {
            table.AddColumn(name, column => column.RightAligned());
        }

        foreach (ClassMetrics metrics in result.PerClass)
        {
            string f1 = Percent(metrics.F1);
            string coloured = metrics == present[^1] ? $"[green]{f1}[/]" : metrics == present[0] ? $"[red]{f1}[/]" : f1;
            table.AddRow(metrics.Label, Percent(metrics.Precision), Percent(metrics.Recall), coloured, $"{metrics.Support}");
        }

        console.Write(table);
        foreach ((string name, string value) in Figures(result))
        {
            console.MarkupLineInterpolated($"[grey]{name}[/] [bold]{value}[/]");
        }
    }

    /// <summary>Writes plain lines, for files and other programs.</summary>
    public static void Write(TextWriter output, EvaluationResult result)
    {
        output.WriteLine($"{"class",-10}{"precision",10}{"recall",10}{"f1",10}{"support",10}");
        foreach (ClassMetrics metrics in result.PerClass)
        {
            output.WriteLine(
                $"{metrics.Label,-10}{metrics.Precision,10:F4}{metrics.Recall,10:F4}{metrics.F1,10:F4}{metrics.Support,10}");
        }

        foreach ((string name, string value) in Figures(result))
        {
            output.WriteLine($"{name}: {value}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Figures(EvaluationResult result) =>
    [
        ("accuracy", Describe(result.Accuracy, result.ConfidenceInterval95, result.Samples)),
        ("macro F1", Mark(Percent(result.MacroF1), result.Samples)),
        .. OfCalibration(result.ExpectedCalibrationError, result.Calibration, result.Samples),
        ("log loss", Mark($"{result.LogLoss:F4}", result.Samples)),
        ("samples", $"{result.Samples}, {result.Unreadable} unreadable"),
        .. OfDuplicates(result.Duplicates),
        .. OfVotes(result.Votes),
        .. OfLabelHead(result.LabelHead, result.Samples).Select(line => ($"label head: {line.Name}", line.Value)),
        .. result.Coverage.Where((_, i) => i is 2 or 4).Select(point => (
            $"accuracy from {Percent(point.Threshold)} confidence on", $"{Share(point.Accuracy, point.Samples)}, answering {Percent(point.Coverage)}")),
        .. (result.Robustness ?? []).Select(figure => (
            $"accuracy under {figure.Corruption}, {figure.Parameter}",
            Share(figure.Accuracy, result.Samples) + (figure.Agreement is { } agreement ? $", agreement with most people {Share(agreement, result.Votes?.Samples ?? 0)}" : ""))),
    ];

    private static IEnumerable<(string Name, string Value)> OfDuplicates(DuplicateMetrics? duplicates) => duplicates is null ? [] :
    [
        ("in the training data", $"{duplicates.Identical} identical, {duplicates.NearlyIdentical} nearly identical"),
        ("accuracy without those", duplicates is { AccuracyWithout: double accuracy, ConfidenceInterval95Without: [_, _] interval }
            ? Describe(accuracy, interval, duplicates.SamplesWithout, $" of {duplicates.SamplesWithout}")
            : "none is left"),
    ];

    private static IEnumerable<(string Name, string Value)> OfLabelHead(LabelHeadMetrics? head, int samples) => head is null ? [] :
    [
        ("accuracy", Share(head.Accuracy, samples)),
        ("macro F1", Mark(Percent(head.MacroF1), samples)),
        ("log loss", Mark($"{head.LogLoss:F4}", samples)),
        .. OfCalibration(head.ExpectedCalibrationError, head.Calibration, samples),
        .. OfVotes(head.Votes),
    ];

    private static IEnumerable<(string Name, string Value)> OfCalibration(double error, CalibrationCheck? check, int samples) =>
    [
        ("expected calibration error", Mark(Percent(error), samples)),
        .. check?.ExpectedCalibrationErrorCrossFitted is double crossFitted ? new[] { ("expected calibration error, cross-fitted", Mark(Percent(crossFitted), samples)) } : [],
    ];

    private static IEnumerable<(string Name, string Value)> OfVotes(VoteMetrics? votes) => votes is null ? [] :
    [
        ("images with votes", $"{votes.WithVotes} of {votes.WithVotes + votes.WithoutVotes}"),
        ("agreement with most people", $"{Describe(votes.Agreement, votes.ConfidenceInterval95, votes.Samples, $" of {votes.Samples}")}, "
            + $"{votes.LeftOut} left out: {votes.WithoutVotes} without votes, {votes.LeftOut - votes.WithoutVotes} without a majority"),
        ("cross-entropy against votes", Mark($"{votes.CrossEntropy:F4}", votes.WithVotes)),
        ("calibration error against votes", Mark(Percent(votes.ExpectedCalibrationError), votes.WithVotes)),
        ("clearly neutral faces called Happy", votes.NeutralCalledHappy is double share ? Share(share, votes.NeutralSamples, $" of {votes.NeutralSamples}") : "there are none"),
        .. votes.Quartiles.Select(quarter => (
            quarter.Name,
            $"{(quarter.Agreement is double agreement ? $"{Percent(agreement)} agreement" : "no majority")}, {Percent(quarter.Uncertain)} uncertain, of {(IsFew(quarter.Faces) ? "only " : "")}{quarter.Faces} (entropy up to {quarter.Entropy:F2})")),
    ];

    private static string Percent(double share) => $"{share * 100:F2} %";
}
