using System.Text.Json;
using MlNetEmotion.Programs.Reports;
using MlNetEmotion.Programs;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Writes reports as HTML pages that need nothing else.</summary>
public static class ReportWriter
{
    /// <summary>Writes a report to a file, and creates its folder where needed.</summary>
    /// <param name="path">The HTML file; overwritten where it exists.</param>
    /// <param name="report">What to show.</param>
    public static void Write(string path, Report report) => AtomicFile.WriteText(path, ToHtml(report));

    /// <summary>A report as an HTML page.</summary>
    /// <param name="report">What to show.</param>
    public static string ToHtml(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new ReportPage(report, Emotions.Labels, report.Evaluation.LogLoss, report.Evaluation.ReliabilityBins);
        return HtmlPage.Render(typeof(ReportWriter).Assembly, "report.html", report.Title, JsonSerializer.Serialize(page, ReportJson.Default.ReportPage));
    }
}
