using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Evaluation;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class ReportWriterTests
{
    private const string Attack = "</script><script>alert(1)</script> \"' & <img src=x onerror=alert(2)> {{report.js}}";

    private static readonly Report Full = new()
    {
        Title = "A run",
        Evaluation = EvaluationResult.Compute(
            [.. EvaluationResultTests.Probabilities(Emotion.Happy, 0.75f), .. EvaluationResultTests.Probabilities(Emotion.Sad, 0.5f)],
            [Emotion.Happy, Emotion.Happy],
            unreadable: 3) with
        {
            Calibration = new CalibrationCheck(0.1, 1.25, 0.0125, [0.02, 0.03]),
            Duplicates = new DuplicateFigures(1, 0, 1, 1, 0, [0, 0.793]),
            Robustness = [new("blur", 1, "sigma 0.7 px", 0.5), new("blur", 2, "sigma 1.2 px", 0.25), new("blur", 3, "sigma 2 px", 0.125)],
        },
        History = [new EpochRecord(1, 1.5, 0.25, 1.25, 0.5, 0.001, 2000, 7), new EpochRecord(2, 1, 0.5, double.NaN, double.NaN, 0.0005, 2000, 7)],
        Settings = [new("epochs", "2"), new("network", "emonet")],
        Samples = [new ReportFace("a.png", Emotion.Happy, Emotion.Happy, 0.75, [1, 2, 3])],
        Mistakes = [new ReportFace("b.png", Emotion.Happy, Emotion.Sad, 0.5, [4, 5, 6])],
        Maps = [new ReportMap(new ReportFace("c.png", Emotion.Happy, Emotion.Happy, 0.5, [7]), [8, 9, 10])],
    };

    [Fact]
    public void ToHtml_FullReport_HoldsItsData()
    {
        JsonElement page = Data(ReportWriter.ToHtml(Full));
        JsonElement report = page.GetProperty("report");
        Assert.Equal(0.5, report.GetProperty("evaluation").GetProperty("accuracy").GetDouble());
        Assert.Equal(3, report.GetProperty("evaluation").GetProperty("unreadable").GetInt32());
        Assert.Equal(1.25, report.GetProperty("history")[0].GetProperty("validationLoss").GetDouble());
        Assert.Equal("NaN", report.GetProperty("history")[1].GetProperty("validationLoss").GetString());
        Assert.Equal("emonet", report.GetProperty("settings")[1].GetProperty("value").GetString());
        Assert.Equal("CAkK", report.GetProperty("maps")[0].GetProperty("png").GetString());
        Assert.Equal("AQID", report.GetProperty("samples")[0].GetProperty("png").GetString());
        Assert.Equal((int)Emotion.Sad, report.GetProperty("mistakes")[0].GetProperty("predicted").GetInt32());
        Assert.Equal(15, page.GetProperty("reliabilityBins").GetArrayLength());

        // The true class got 0.75 and (1 - 0.5) / 6: (ln(4/3) + ln 12) / 2 = 1.38629.
        Assert.Equal(1.38629, page.GetProperty("logLoss").GetDouble(), 1e-5);
        Assert.Equal("Happy", page.GetProperty("labels")[3].GetString());
    }

    [Fact]
    public void ToHtml_FullReport_LoadsNothingFromElsewhere()
    {
        string html = ReportWriter.ToHtml(Full);
        Assert.DoesNotMatch(@"(?i)<link\b|<iframe\b|<script[^>]*\bsrc\b|@import|\burl\(", html);
        Assert.DoesNotMatch(@"(?i)\b(src|href|action)\s*=\s*[""']?\s*(https?:)?//", html);
        Assert.DoesNotMatch(@"\b(fetch|importScripts|XMLHttpRequest|WebSocket)\b", html);
        Assert.Contains("default-src 'none'", html);
    }

    [Fact]
    public void ToHtml_Template_LeavesNoPlaceholder() =>
        Assert.DoesNotMatch(@"\{\{[\w.]+\}\}", ReportWriter.ToHtml(Full));

    [Fact]
    public void ToHtml_MarkupInNames_StaysText()
    {
        string html = ReportWriter.ToHtml(Full with
        {
            Title = Attack,
            Settings = [new(Attack, Attack)],
            Mistakes = [new ReportFace(Attack, Emotion.Happy, Emotion.Sad, 0.5, [4])],
        });
        Assert.DoesNotContain("alert(1)</script>", html);
        Assert.DoesNotContain("<img", html);
        JsonElement report = Data(html).GetProperty("report");
        Assert.Equal(Attack, report.GetProperty("settings")[0].GetProperty("key").GetString());
        Assert.Equal(Attack, report.GetProperty("mistakes")[0].GetProperty("source").GetString());
    }

    [Fact]
    public void Write_FolderDoesNotExist_CreatesIt()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "a", "b", "report.html");
        ReportWriter.Write(path, Full);
        Assert.Equal(ReportWriter.ToHtml(Full), File.ReadAllText(path));
    }

    [Fact]
    public async Task Write_OpenedInABrowser_DrawsEveryPart()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "report.html");
        ReportWriter.Write(path, Full with { Settings = [new("note", Attack)] });
        string page = await Render(path, folder.CreateFolder("profile"));
        Assert.Matches("<dt class=\"\">Accuracy</dt><dd class=\"value\">50.0&nbsp;%</dd>", page);
        Assert.Equal(49, Regex.Count(page, "<small"));
        Assert.Contains("best validation accuracy 50.0&nbsp;% in epoch 1", page);
        Assert.Contains("labelled Happy", page);
        Assert.Contains("expected; 1.3&nbsp;% on images not fitted on", page);
        Assert.Contains("12.5&nbsp;% (sigma 2 px)", page);
        Assert.Contains("With a duplicate (1 identical, 0 nearly)", page);
        Assert.Contains("data:image/png;base64,CAkK", page);
        Assert.Contains("data:image/png;base64,AQID", page);
        Assert.Contains("&lt;/script&gt;&lt;script&gt;alert(1)", page);
        Assert.DoesNotContain("<img src=\"x\"", page);

        // Chart.js sizes the canvases that it has drawn on.
        Assert.Equal(7, Regex.Count(page, "<canvas id=\"[a-z]+\" role=\"img\" aria-label=\"[^\"]+\"[^>]* style=\"[^\"]*height:", RegexOptions.None, TimeSpan.FromSeconds(10)));
    }

    private static JsonElement Data(string html)
    {
        const string Start = "<script type=\"application/json\" id=\"data\">";
        int start = html.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonDocument.Parse(html[start..html.IndexOf("</script>", start, StringComparison.Ordinal)]).RootElement;
    }

    private static async Task<string> Render(string path, string profile)
    {
        string? browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { Path.Combine(folder, "chromium"), Path.Combine(folder, "google-chrome") })
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "no Chromium or Chrome is installed");
        var start = new ProcessStartInfo(browser!, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", $"--user-data-dir={profile}",
            "--dump-dom", new Uri(path).AbsoluteUri])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string page = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await errors;
        return page;
    }
}
