using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlNetEmotion.Trainer.Storage;

namespace MlNetEmotion.Trainer.Reports;

/// <summary>Writes reports as HTML pages that need nothing else: style, scripts, data and pictures are inside.</summary>
public static partial class ReportWriter
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

        // In one pass, so that a placeholder inside the data (a file's name, say) stays text.
        return Placeholder().Replace(ReadAsset("report.html"), match => match.Groups["name"].Value switch
        {
            "title" => WebUtility.HtmlEncode(report.Title),
            "data" => JsonSerializer.Serialize(page, ReportJson.Default.ReportPage),
            string asset => ReadAsset(asset),
        });
    }

    private static string ReadAsset(string name)
    {
        using Stream stream = typeof(ReportWriter).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly has no resource '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(?<name>[\w.]+)\}\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
