using MlNetEmotion.Programs.Reports;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;
using static MlNetEmotion.Programs.Reports.Html;
using static MlNetEmotion.Programs.Reports.HtmlPage;
using static MlNetEmotion.Trainer.Evaluation.WilsonInterval;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Renders a report as an HTML page.</summary>
internal static class ReportPage
{
    public static string ToHtml(Report report)
    {
        EvaluationResult evaluation = report.Evaluation;
        string unreadable = evaluation.Unreadable > 0 ? $", {evaluation.Unreadable} unreadable" : "";
        return Render(
            report.Title,
            $"Evaluated on {Count(evaluation.Samples)} samples{unreadable}{(IsFew(evaluation.Samples) ? ": few, so that chance moves every figure by many points" : "")}",
            Figures(evaluation),
            report.History.Count == 0 ? null : Training(report.History, evaluation.Samples),
            Classes(evaluation),
            Section("Calibration", PredictsVotes(evaluation) ? "By labels, while the model's main output is calibrated against people's votes." : null, Columns(
                Card("Reliability diagram", "is a face scored 80 % right 80 % of the time?", ReportCharts.Reliability(evaluation.ReliabilityBins)),
                Card("Confidence", "share of samples by confidence", ReportCharts.Confidence(evaluation.ReliabilityBins)))),
            Section("Answering less", "Accuracy when predictions below a confidence are withheld as uncertain.", Columns(
                Card("Accuracy by coverage", null, ReportCharts.Coverage(evaluation.Coverage)),
                Table(["Answered", "From confidence", "Accuracy", "Samples"], evaluation.Coverage.Select(point =>
                    new[] { Percent(point.Coverage), Percent(point.Threshold), Share(point.Accuracy, point.Samples), Count(point.Samples) })))),
            evaluation.Duplicates is { } duplicates ? Duplicates(evaluation, duplicates) : null,
            evaluation.Votes is { } votes ? Votes(votes, evaluation) : null,
            evaluation.Robustness is { } figures ? Robustness(evaluation, figures) : null,
            report.Maps.Count == 0 ? null : Maps(report.Maps),
            report.Mistakes.Count == 0 ? null : Mistakes(report.Mistakes),
            report.Samples.Count == 0 ? null : Section(
                "Samples", "Faces of each class as the network sees them. A ring marks those it got wrong.", Rows(report.Samples, face => face, Image, "strip")),
            report.Settings.Count == 0 ? null : Settings(report.Settings));
    }

    private static string Count(int samples) => samples.ToString("N0");

    private static Html Figures(EvaluationResult evaluation)
    {
        int samples = evaluation.Samples;
        string calibration = evaluation.Calibration?.ExpectedCalibrationErrorCrossFitted is { } crossFitted
            ? $"{Percent(crossFitted)} on images not fitted on"
            : "15 bins, 0 is perfect";
        (string Name, string Value, string Note)[] figures = PredictsVotes(evaluation) ?
        [
            Figure("Agreement", evaluation.Votes!.Agreement, evaluation.Votes.Samples, "with most people, "),
            ("Calibration error", Percent(evaluation.Votes.ExpectedCalibrationError), $"against votes, expected; {calibration}{Only(evaluation.Votes.WithVotes)}"),
            ("Label head", IsFew(samples) ? Interval(Around(evaluation.LabelHead!.Accuracy, samples)) : Percent(evaluation.LabelHead!.Accuracy),
                IsFew(samples) ? $"accuracy of the output 'labels', 95 % interval; {Percent(evaluation.LabelHead.Accuracy)}{Only(samples, " ")}" : "accuracy of the output 'labels'"),
            Figure("Accuracy", evaluation.Accuracy, samples, "by labels, "),
        ]
        :
        [
            Figure("Accuracy", evaluation.Accuracy, samples, ""),
            ("Macro F1", Percent(evaluation.MacroF1), $"mean over the classes{Only(samples)}"),
            ("Calibration error", Percent(evaluation.ExpectedCalibrationError), $"expected; {calibration}{Only(samples)}"),
            ("Log loss", $"{evaluation.LogLoss:F3}", $"nats, guessing has 1.946{Only(samples)}"),
        ];
        return $"""
            <section class="figures" aria-label="Key figures">{figures.Select(figure => (Html)$"""
            <dl class="card"><dt>{figure.Name}</dt><dd class="value">{figure.Value}</dd><dd class="note">{figure.Note}</dd></dl>
            """)}</section>
            """;
    }

    // With few images, the interval is the main figure and the share is the note.
    private static (string Name, string Value, string Note) Figure(string name, double share, int samples, string note)
    {
        string interval = Interval(Around(share, samples));
        return IsFew(samples)
            ? (name, interval, $"{note}95 % interval; {Percent(share)}{Only(samples, " ")}")
            : (name, Percent(share), $"{note}95 % interval {interval}");
    }

    private static string Share(double share, int samples) =>
        IsFew(samples) && samples > 0 ? $"{Interval(Around(share, samples))} ({Percent(share)}{Only(samples, " ")})" : Percent(share);

    private static string Only(int samples, string before = "; ") => IsFew(samples) ? $"{before}of only {samples}" : "";

    private static string Interval(IReadOnlyList<double> interval) => $"{Percent(interval[0])} to {Percent(interval[1])}";

    // The metrics by labels are then secondary.
    private static bool PredictsVotes(EvaluationResult evaluation) => evaluation is { Votes: not null, LabelHead: not null };

    private static Html Training(IReadOnlyList<EpochRecord> history, int samples)
    {
        double seconds = history.Sum(epoch => epoch.Seconds);
        string time = seconds < 120 ? $"{seconds:F0} s" : $"{seconds / 60:F1} min";
        string summary = $"{history.Count} epochs in {time} · {Count((int)Math.Round(history.Average(epoch => epoch.ImagesPerSecond)))} images/s";
        if (TrainingProgress.BestOf(history) is { } best && double.IsFinite(best.ValidationAccuracy))
        {
            summary += best.VoteAgreement is { } agreement
                ? $" · best in epoch {best.Epoch}: validation accuracy {Percent(best.ValidationAccuracy)}, agreement with most people {Percent(agreement)}{Only(samples, ", both ")}"
                : $" · best validation accuracy {Share(best.ValidationAccuracy, samples)} in epoch {best.Epoch}";
        }

        return Section("Training", summary, Columns(
            Card("Loss", null, ReportCharts.Loss(history)), Card("Accuracy", null, ReportCharts.Accuracy(history))));
    }

    private static Html Classes(EvaluationResult evaluation)
    {
        Html confusion = $"""
            <div class="scroll"><table class="confusion">
            <thead><tr><td class="corner"></td>{Emotions.Labels.Select(label => (Html)$"<th>{label}</th>")}</tr></thead>
            <tbody>{evaluation.ConfusionMatrix.Select(ConfusionRow)}</tbody>
            </table></div>
            """;
        return Section(
            "Classes",
            IsFew(evaluation.Samples) ? $"Of only {evaluation.Samples} samples: the shares of a class have still wider intervals." : null,
            Columns(
                Card("Confusion matrix", "rows: true, columns: predicted; samples and share of the row", confusion),
                Card("Precision, recall and F1", null, ReportCharts.Classes(evaluation.PerClass))),
            Table(["Class", "Precision", "Recall", "F1", "Support"], evaluation.PerClass.Select(metrics =>
                new[] { metrics.Label, Percent(metrics.Precision), Percent(metrics.Recall), Percent(metrics.F1), Count(metrics.Support) })));
    }

    private static Html ConfusionRow(IReadOnlyList<int> counts, int truth)
    {
        int support = counts.Sum();
        return $"<tr><th>{Emotions.Labels[truth]}</th>{counts.Select(Cell)}</tr>";

        Html Cell(int count, int predicted)
        {
            double share = support > 0 ? (double)count / support : 0;
            string meaning = $"{Emotions.Labels[truth]} predicted as {Emotions.Labels[predicted]}: {count} of {support}";
            return $"""
                <td class="{(truth == predicted ? "right" : "")}" style="--share: {share:0.###}" title="{meaning}">{count}<small>{Percent(share)}</small></td>
                """;
        }
    }

    private static Html Duplicates(EvaluationResult evaluation, DuplicateMetrics duplicates)
    {
        string ShareOf(double? value, int samples) => value is { } share ? Share(share, samples) : "–";
        return Section("Duplicates of training images", "Images that the network may have memorized inflate its metrics.", Table(
            ["Images", "Number", "Accuracy"],
            [
                ["All", Count(evaluation.Samples), Share(evaluation.Accuracy, evaluation.Samples)],
                [
                    $"With a duplicate ({duplicates.Identical} identical, {duplicates.NearlyIdentical} nearly)",
                    Count(duplicates.Identical + duplicates.NearlyIdentical), ShareOf(duplicates.AccuracyOfDuplicates, duplicates.Identical + duplicates.NearlyIdentical),
                ],
                ["Without", Count(duplicates.SamplesWithout), ShareOf(duplicates.AccuracyWithout, duplicates.SamplesWithout)],
            ]));
    }

    private static Html Votes(VoteMetrics votes, EvaluationResult evaluation)
    {
        string[] Row(string name, double accuracy, VoteMetrics of) =>
        [
            name, Share(accuracy, evaluation.Samples), IsFew(of.Samples) ? Share(of.Agreement, of.Samples) : $"{Percent(of.Agreement)} ({Interval(of.ConfidenceInterval95)})",
            of.CrossEntropy.ToString("F3", System.Globalization.CultureInfo.InvariantCulture) + Only(of.WithVotes, ", "), Percent(of.ExpectedCalibrationError) + Only(of.WithVotes, ", "),
            of.NeutralCalledHappy is double share ? Share(share, of.NeutralSamples) : "–",
        ];
        return Section(
            "People's votes",
            $"In {Count(votes.Samples)} faces most of about ten people saw one of the seven classes; {Count(votes.LeftOut)} are left out, {Count(votes.WithoutVotes)} of these without votes. {Count(votes.NeutralSamples)} are clearly neutral: eight people or more said so.",
            Table(["", "Accuracy by labels", "Agreement with most people (95 % interval)", "Cross-entropy against votes", "Calibration error against votes", "Clearly neutral, called Happy"],
            [
                Row("Answer", evaluation.Accuracy, votes),
                .. evaluation.LabelHead is { Votes: { } own } head ? new[] { Row("Label head", head.Accuracy, own) } : [],
            ]),
            Table(["A quarter of the faces", "Entropy of votes up to", "Agreement with most people", "Answers shown as uncertain"], votes.Quartiles.Select(quarter => new[]
            {
                quarter.Name, quarter.Entropy.ToString("F2", System.Globalization.CultureInfo.InvariantCulture),
                quarter.Agreement is double agreement ? Percent(agreement) + Only(quarter.Faces, ", ") : "–", Percent(quarter.Uncertain) + Only(quarter.Faces, ", "),
            })));
    }

    private static Html Robustness(EvaluationResult evaluation, IReadOnlyList<RobustnessMetrics> figures) => Section(
        "Robustness",
        $"Accuracy on the same images made worse, each way at three severities{(figures[0].Agreement is null ? "" : "; behind it agreement with most people")}{Only(evaluation.Samples)}.",
        (Html)$"<figure class=\"card\">{ReportCharts.Robustness(figures, evaluation.Accuracy)}</figure>",
        Table(["Corruption", "Severity 1", "Severity 2", "Severity 3"], figures.GroupBy(figure => figure.Corruption).Select(group =>
            new[] { group.Key }.Concat(group.Select(figure =>
                $"{Percent(figure.Accuracy)}{(figure.Agreement is { } agreement ? $" / {Percent(agreement)}" : "")} ({figure.Parameter})")).ToArray())));

    private static Html Maps(IReadOnlyList<ReportMap> maps)
    {
        Html introduction = $"""
            <p class="muted">A gray square is moved over each face. <span class="for">Orange</span> where covering lowers the prediction's
            probability, <span class="against">blue</span> where it raises it. A ring marks faces it got wrong.</p>
            """;
        return Section("What it looks at", null, introduction, Rows(maps, map => map.Face, Pair, "strip maps"));

        static Html Pair(ReportMap map) => $"""
            <figure class="map{(map.Face.IsWrong ? " wrong" : "")}">{Image(map.Face)}{Image(map.Face with { Png = map.Png })}</figure>
            """;
    }

    private static Html Mistakes(IReadOnlyList<ReportFace> mistakes) => Section(
        "Worst mistakes",
        "The most confidently wrong predictions, by probability.",
        (Html)$"""
        <div class="faces">{mistakes.Select(face => (Html)$"""
        <figure class="card">{Image(face)}<figcaption><span class="predicted">{face.Predicted} {Percent(face.Probability)}</span>labelled
        {face.Label}<span class="source muted">{face.Source}</span></figcaption></figure>
        """)}</div>
        """);

    /// <summary>Renders images in one row per class.</summary>
    private static Html Rows<T>(IReadOnlyList<T> shown, Func<T, ReportFace> face, Func<T, Html> show, string layout) => $"""
        <div class="card rows">{Enum.GetValues<Emotion>().Select(emotion => (Html)$"""
        <div><strong>{emotion}</strong><div class="{layout}">{shown.Where(one => face(one).Label == emotion).Select(show)}</div></div>
        """)}</div>
        """;

    private static Html Image(ReportFace face)
    {
        string meaning = $"{face.Source}: labelled {face.Label}, predicted {face.Predicted} ({Percent(face.Probability)})";
        return $"""
            <img class="{(face.IsWrong ? "wrong" : "")}" src="data:image/png;base64,{Convert.ToBase64String(face.Png)}" alt="A face labelled {face.Label}" title="{meaning}">
            """;
    }

    private static Html Settings(IReadOnlyList<KeyValuePair<string, string>> settings) => Section("Settings", null, (Html)$"""
        <div class="card scroll"><table class="settings">{settings.Select(setting => (Html)$"<tr><th>{setting.Key}</th><td>{setting.Value}</td></tr>")}</table></div>
        """);
}
