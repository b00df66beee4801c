using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Tests.Trainer.Evaluation;
using MlNetEmotion.Trainer.Evaluation;
using MlNetEmotion.Trainer.Reports;
using MlNetEmotion.Trainer.Training;
using Xunit;

namespace MlNetEmotion.Tests.Trainer.Reports;

public sealed class ReportTests
{
    private const string Attack = "</script><script>alert(1)</script> \"' & <img src=x onerror=alert(2)>";

    private static readonly Report Full = new()
    {
        Title = "A run",
        Evaluation = EvaluationResult.Compute(
            [.. EvaluationResultTests.Probabilities(Emotion.Happy, 0.75f), .. EvaluationResultTests.Probabilities(Emotion.Sad, 0.5f)],
            [Emotion.Happy, Emotion.Happy],
            unreadable: 3) with
        {
            Calibration = new CalibrationCheck(0.1, 1.25, 0.0128, [0.02, 0.03]),
            Duplicates = new DuplicateMetrics(1, 0, 1, 1, 0, [0, 0.793]),
            Robustness = [new("blur", 1, "sigma 0.7 px", 0.5), new("blur", 2, "sigma 1.2 px", 0.25), new("blur", 3, "sigma 2 px", 0.125)],
        },
        History = [new EpochRecord(1, 1.5, 0.25, 1.25, 0.5, 0.001, 2000, 7), new EpochRecord(2, 1, 0.5, double.NaN, double.NaN, 0.0005, 2000, 7)],
        Settings = [new("epochs", "2"), new("network", "emonet")],
        Samples = [new ReportFace("a.png", Emotion.Happy, Emotion.Happy, 0.75, [1, 2, 3])],
        Mistakes = [new ReportFace("b.png", Emotion.Happy, Emotion.Sad, 0.5, [4, 5, 6])],
        Maps = [new ReportMap(new ReportFace("c.png", Emotion.Happy, Emotion.Happy, 0.5, [7]), [8, 9, 10])],
    };

    [Fact]
    public void ToHtml_RunWithVotes_NamesTheEpochThatIsKept()
    {
        // By accuracy alone the first is best; with the agreement beside it, 0.5 + 0.875 beats 0.625 + 0.625 and, being earlier, the third.
        EpochRecord[] history =
        [
            new(1, 1.5, 0.25, 1.25, 0.625, 0.001, 2000, 7) { VoteAgreement = 0.625 },
            new(2, 1, 0.5, 1.25, 0.5, 0.001, 2000, 7) { VoteAgreement = 0.875 },
            new(3, 1, 0.5, 1.25, 0.75, 0.001, 2000, 7) { VoteAgreement = 0.625 },
        ];
        var position = new TrainingProgress { History = [.. history] };

        Assert.Equal(2, position.Best()!.Epoch);
        Assert.Contains("best in epoch 2: validation accuracy 50.0&#160;%, agreement with most people 87.5&#160;%, both of only 2", ReportPage.ToHtml(Full with { History = history }));
    }

    [Fact]
    public void ToHtml_FullReport_ShowsItsData()
    {
        string html = ReportPage.ToHtml(Full);
        Assert.Contains("Evaluated on 2 samples, 3 unreadable: few, so that chance moves every figure by many points", html);
        Assert.Contains("best validation accuracy 9.5&#160;% to 90.5&#160;% (50.0&#160;% of only 2) in epoch 1", html);
        Assert.Contains("<title>Epoch 1\nTraining: 1.500\nValidation: 1.250</title>", html);
        Assert.Contains("<title>Epoch 2\nTraining: 1.000</title>", html); // nothing was validated
        Assert.Contains("<tr><th>network</th><td>emonet</td></tr>", html);
        Assert.Contains("src=\"data:image/png;base64,AQID\" alt=\"A face labelled Happy\"", html);
        Assert.Contains("data:image/png;base64,CAkK", html);
        Assert.Contains("<span class=\"predicted\">Sad 50.0&#160;%</span>labelled", html);
        Assert.Contains("expected; 1.3&#160;% on images not fitted on; of only 2", html);
        Assert.Contains("<td>12.5&#160;% (sigma 2 px)</td>", html);
        Assert.Contains("Severity 3, sigma 2 px: 12.5&#160;%", html);
        Assert.Contains("With a duplicate (1 identical, 0 nearly)", html);
        Assert.Equal(49, Regex.Count(html, "<small>"));

        // The true class got 0.75 and (1 - 0.5) / 6: (ln(4/3) + ln 12) / 2 = 1.38629.
        Assert.Contains("<dd class=\"value\">1.386</dd>", html);
    }

    // Of few images the interval stands first, and what has none is marked; of 100 and more all is as it was. Wilson's interval of 1 in 2 is 9.45 % to
    // 90.55 %, of 50 in 100 40.38 % to 59.62 %.
    [Fact]
    public void ToHtml_FewSamplesOrMore_ShowsTheIntervalFirstOrBehind()
    {
        string few = ReportPage.ToHtml(Full);
        Assert.Contains("<dt>Accuracy</dt><dd class=\"value\">9.5&#160;% to 90.5&#160;%</dd><dd class=\"note\">95 % interval; 50.0&#160;% of only 2</dd>", few);
        Assert.Contains("<dd class=\"note\">mean over the classes; of only 2</dd>", few);
        Assert.Contains("<dd class=\"note\">nats, guessing has 1.946; of only 2</dd>", few);
        Assert.Contains("Of only 2 samples: the shares of a class have still wider intervals.", few);
        Assert.Contains("<th>All</th><td>2</td>\n<td>9.5&#160;% to 90.5&#160;% (50.0&#160;% of only 2)</td>", few);
        Assert.Contains("<th>Without</th><td>1</td>\n<td>0.0&#160;% to 79.3&#160;% (0.0&#160;% of only 1)</td>", few);
        Assert.Contains("each way at three severities; of only 2.", few);

        string many = ReportPage.ToHtml(Full with
        {
            Evaluation = EvaluationResult.Compute(
                [.. Enumerable.Repeat((float[])[0.5f, 0.5f, 0, 0, 0, 0, 0], 100).SelectMany(row => row)], [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? Emotion.Angry : Emotion.Sad)]),
        });
        Assert.Contains("Evaluated on 100 samples</", many);
        Assert.Contains("<dt>Accuracy</dt><dd class=\"value\">50.0&#160;%</dd><dd class=\"note\">95 % interval 40.4&#160;% to 59.6&#160;%</dd>", many);
        Assert.Contains("best validation accuracy 50.0&#160;% in epoch 1", many);
        Assert.DoesNotContain("of only", many);
        Assert.DoesNotContain("Of only", many);
    }

    [Fact]
    public void ToHtml_FullReport_DrawsEveryChart()
    {
        string html = ReportPage.ToHtml(Full);

        // Loss, accuracy, classes, reliability, confidence, coverage, and robustness for wide and narrow screens.
        string[] charts = [.. html.Split("<svg").Skip(1).Select(part => $"<svg{part[..part.IndexOf("</svg>", StringComparison.Ordinal)]}</svg>")];
        Assert.Equal(8, charts.Length);
        Assert.All(charts, chart => Assert.Matches("<(polyline|rect|polygon|ellipse)", chart));
        Assert.All(charts, chart => XDocument.Parse(chart));
    }

    [Fact]
    public void ToHtml_FullReport_LoadsNothingFromElsewhere()
    {
        string html = ReportPage.ToHtml(Full);
        Assert.DoesNotMatch(@"(?i)<link\b|<iframe\b|<script\b|@import|\burl\(", html);
        Assert.DoesNotMatch(@"(?i)\b(src|href|action)\s*=\s*[""']?\s*(https?:)?//", html);
        Assert.Contains("default-src 'none'", html);
    }

    [Fact]
    public void ToHtml_MarkupInNames_StaysText()
    {
        string html = ReportPage.ToHtml(Full with
        {
            Title = Attack,
            Settings = [new(Attack, Attack)],
            Mistakes = [new ReportFace(Attack, Emotion.Happy, Emotion.Sad, 0.5, [4])],
        });
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("<img src=x", html);
        Assert.DoesNotMatch("=\"[^\"]*\"[^ />]*alert", html);
        Assert.Equal(6, Regex.Count(html, Regex.Escape(WebUtility.HtmlEncode(Attack)))); // title, heading, setting twice, the face's title and caption
    }

    [Fact]
    public void Write_FolderDoesNotExist_CreatesIt()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "a", "b", "report.html");
        Full.Write(path);
        Assert.Equal(ReportPage.ToHtml(Full), File.ReadAllText(path));
    }
}
