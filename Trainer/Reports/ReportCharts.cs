using MlNetEmotion.Programs.Reports;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Training;
using static MlNetEmotion.Programs.Reports.Html;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>The charts of a report.</summary>
internal static class ReportCharts
{
    private const int TallHeight = 340;
    private const int MaxDots = 40;
    private static readonly string[] SeverityPaints = ["third", "second", "wrong"];

    public static Html Loss(IReadOnlyList<EpochRecord> history) => Curves(
        new Chart("Training and validation loss by epoch", Epochs(history), Chart.Numbers("Cross-entropy (nats)")),
        history,
        epoch => (epoch.TrainLoss, epoch.ValidationLoss),
        value => $"{value:F3}");

    public static Html Accuracy(IReadOnlyList<EpochRecord> history) => Curves(
        new Chart("Training and validation accuracy by epoch", Epochs(history), Chart.Percents("Accuracy")),
        history,
        epoch => (epoch.TrainAccuracy, epoch.ValidationAccuracy),
        Percent);

    public static Html Classes(IReadOnlyList<ClassMetrics> perClass)
    {
        var chart = new Chart(
            "Precision, recall and F1 of each class",
            Chart.Percents(null, 0, 1),
            Chart.Names([.. perClass.Select(metrics => metrics.Label)], fromTheTop: true),
            height: TallHeight);
        chart.Bars(
            horizontal: true,
            new ChartSeries("Precision", "first", perClass.Select(metrics => metrics.Precision)),
            new ChartSeries("Recall", "second", perClass.Select(metrics => metrics.Recall)),
            new ChartSeries("F1", "third", perClass.Select(metrics => metrics.F1)));
        chart.Hints(horizontal: true, Places(perClass.Count), i =>
            $"{perClass[i].Label}\nPrecision: {Percent(perClass[i].Precision)}\nRecall: {Percent(perClass[i].Recall)}\nF1: {Percent(perClass[i].F1)}");
        return chart.ToHtml();
    }

    public static Html Reliability(IReadOnlyList<ReliabilityBin> bins)
    {
        var chart = new Chart("Accuracy by confidence", Chart.Percents("Confidence", 0, 1, grid: false), Chart.Percents("Accuracy", 0, 1));
        ReliabilityBin[] filled = [.. bins.Where(bin => bin.Count > 0)];
        chart.Legend("Accuracy", "first");
        foreach (ReliabilityBin bin in filled)
        {
            chart.Bar("first", bin.Lower + 0.003, 0, bin.Upper - 0.003, bin.Accuracy);
        }

        chart.Line(new ChartSeries("Mean confidence (the ideal)", "second", filled.Select(bin => bin.Confidence)), filled.Select(bin => bin.Confidence));
        HintBins(chart, bins, bin => $"Accuracy: {Percent(bin.Accuracy)}\nMean confidence: {Percent(bin.Confidence)}");
        return chart.ToHtml();
    }

    public static Html Confidence(IReadOnlyList<ReliabilityBin> bins)
    {
        double samples = bins.Sum(bin => bin.Count);
        var chart = new Chart("Share of samples by confidence", Chart.Percents("Confidence", 0, 1, grid: false), Chart.Percents("Share of samples", 0));
        foreach (ReliabilityBin bin in bins.Where(bin => bin.Count > 0))
        {
            chart.Bar("third", bin.Lower + 0.003, 0, bin.Upper - 0.003, bin.Count / samples);
        }

        HintBins(chart, bins, bin => $"Share of samples: {Percent(bin.Count / samples)}");
        return chart.ToHtml();
    }

    public static Html Coverage(IReadOnlyList<CoveragePoint> points)
    {
        CoveragePoint[] rising = [.. points.OrderBy(point => point.Coverage)];
        double[] x = [.. rising.Select(point => point.Coverage)];
        var chart = new Chart(
            "Accuracy by coverage", Chart.Percents("Share of samples that are answered", grid: false), Chart.Percents("Accuracy of the answers"), height: TallHeight);
        chart.Line(new ChartSeries("Accuracy", "first", rising.Select(point => point.Accuracy)), x);
        chart.Hints(horizontal: false, x, i =>
            $"{Percent(x[i])} answered\nAccuracy: {Percent(rising[i].Accuracy)}\nfrom {Percent(rising[i].Threshold)} confidence on");
        return chart.ToHtml();
    }

    public static Html Robustness(IReadOnlyList<RobustnessMetrics> figures, double accuracy)
    {
        ILookup<string, RobustnessMetrics> corruptions = figures.ToLookup(figure => figure.Corruption);
        string[] names = [.. corruptions.Select(corruption => corruption.Key)];
        return Chart.Responsive(width =>
        {
            bool isWide = width == Chart.WholePage;
            const string Description = "Accuracy under each corruption at three severities";
            Chart chart = isWide
                ? new Chart(Description, Chart.Names(names), Chart.Percents("Accuracy", 0), width, TallHeight)
                : new Chart(Description, Chart.Percents("Accuracy", 0), Chart.Names(names, fromTheTop: true), width, 60 + (36 * names.Length));
            double[] ends = [-0.5, names.Length - 0.5];
            ChartSeries unchanged = new("As they are", "muted", isWide ? [accuracy, accuracy] : ends);
            chart.Bars(!isWide, [.. SeverityPaints.Select((paint, i) =>
                new ChartSeries($"Severity {i + 1}", paint, figures.Where(figure => figure.Severity == i + 1).Select(figure => figure.Accuracy)))]);
            chart.Line(unchanged, isWide ? ends : [accuracy, accuracy], dots: false, dashed: true);
            chart.Hints(!isWide, Places(names.Length), i => $"{names[i]} (as they are: {Percent(accuracy)})" + string.Concat(
                corruptions[names[i]].Select(figure => $"\nSeverity {figure.Severity}, {figure.Parameter}: {Percent(figure.Accuracy)}")));
            return chart;
        });
    }

    private static Html Curves(
        Chart chart, IReadOnlyList<EpochRecord> history, Func<EpochRecord, (double Train, double Validation)> values, Func<double, string> write)
    {
        double[] epochs = [.. history.Select(epoch => (double)epoch.Epoch)];
        chart.Line(new ChartSeries("Training", "second", history.Select(epoch => values(epoch).Train)), epochs, history.Count <= MaxDots);
        chart.Line(new ChartSeries("Validation", "first", history.Select(epoch => values(epoch).Validation)), epochs, history.Count <= MaxDots);
        chart.Hints(horizontal: false, epochs, i =>
        {
            (double train, double validation) = values(history[i]);
            return $"Epoch {history[i].Epoch}\nTraining: {write(train)}" + (double.IsNaN(validation) ? "" : $"\nValidation: {write(validation)}");
        });
        return chart.ToHtml();
    }

    private static OxyPlot.Axes.LinearAxis Epochs(IReadOnlyList<EpochRecord> history)
    {
        OxyPlot.Axes.LinearAxis axis = Chart.Numbers("Epoch", history[0].Epoch, Math.Max(history[^1].Epoch, history[0].Epoch + 1), grid: false);
        axis.MinimumMajorStep = 1;
        return axis;
    }

    private static void HintBins(Chart chart, IReadOnlyList<ReliabilityBin> bins, Func<ReliabilityBin, string> text)
    {
        foreach (ReliabilityBin bin in bins)
        {
            string samples = $"\n{bin.Count} samples";
            chart.Hint(
                bin.Lower, 0, bin.Upper, double.PositiveInfinity,
                $"Confidence {bin.Lower * 100:F0}–{bin.Upper * 100:F0} %" + (bin.Count == 0 ? "" : $"\n{text(bin)}") + samples);
        }
    }

    private static double[] Places(int count) => [.. Enumerable.Range(0, count).Select(i => (double)i)];
}
