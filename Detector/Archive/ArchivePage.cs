using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Programs.Reports;
using static MlNetEmotion.Programs.Reports.Html;
using static MlNetEmotion.Programs.Reports.HtmlPage;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Collects the data of an archive's report: the number of faces of each source by label, and the rows of the sources shown over time.</summary>
/// <param name="keepsSources">Whether a report will be written; only then does memory grow with the number of sources.</param>
internal sealed class ArchiveSummary(IReadOnlyList<string> timelines, bool keepsSources)
{
    private readonly Dictionary<string, List<FaceRow>> followed = timelines.Distinct().ToDictionary(source => source, _ => new List<FaceRow>());

    public long Faces { get; private set; }

    /// <summary>The number of faces of each source by label, double [8].</summary>
    public Dictionary<string, double[]> BySource { get; } = [];

    public void Add(in FaceRow row)
    {
        Faces++;
        if (!keepsSources)
        {
            return;
        }

        double[] counts = BySource.GetValueOrDefault(row.Source) ?? (BySource[row.Source] = new double[TimelinePage.Labels.Length]);
        counts[Array.IndexOf(TimelinePage.Labels, row.Face.Shown)]++;
        if (followed.TryGetValue(row.Source, out List<FaceRow>? rows))
        {
            rows.Add(row);
        }
    }

    /// <summary>Builds the timeline of a source, the same as in the Detector's report of that source alone.</summary>
    public Timeline BuildTimeline(string source, InputRecord? input)
    {
        double framesPerSecond = input is { Frames: > 1, LastMs: > 0 } ? (input.Frames - 1) * 1000 / input.LastMs : 1;
        var builder = new TimelineBuilder(framesPerSecond, keepThumbnails: false);
        using var noPixels = new Frame();
        foreach (IGrouping<long, FaceRow> frame in followed[source].GroupBy(row => row.Frame))
        {
            builder.Write(noPixels, new FrameResult(frame.Key, TimeSpan.FromMilliseconds(frame.First().TimestampMs), [.. frame.Select(row => row.Face)], Source: source));
        }

        return builder.Build();
    }

    public IEnumerable<string> Timelines => followed.Keys;
}

/// <summary>The report of an archive as a self-contained HTML page.</summary>
internal static class ArchivePage
{
    /// <summary>Maximum number of sources listed; a larger page opens slowly.</summary>
    internal const int MaxSources = 2000;

    public static string ToHtml(IReadOnlyList<InputRecord> inputs, IReadOnlyList<string> missing, ArchiveSummary summary)
    {
        InputRecord[] failed = [.. inputs.Where(input => input.Error is not null)];
        InputRecord[] shown = [.. inputs.Where(input => summary.BySource.ContainsKey(input.Source)).OrderByDescending(input => input.Faces).Take(MaxSources)];
        double[] all = [.. TimelinePage.Labels.Select((_, label) => summary.BySource.Values.Sum(counts => counts[label]))];
        Dictionary<string, InputRecord> bySource = inputs.ToDictionary(input => input.Source);
        return Render(
            "Archive",
            $"{Quantity.Pluralize(inputs.Count, "input")}, {Quantity.Pluralize(inputs.Sum(input => input.Frames), "frame")}, {Quantity.Pluralize(summary.Faces, "face")}; {failed.Length} failed, {missing.Count} missing",
            [
                TimelinePage.ColorStyle,
                Section("Share of faces", "Each face in each frame counts once.", Card("All sources together", null, Chart.Responsive(width => TimelinePage.Shares(all, "faces", width)))),
                .. summary.Timelines.Select(source => TimelinePage.TimelineSection(source, summary.BuildTimeline(source, bySource.GetValueOrDefault(source)))),
                Section("Sources", shown.Length < summary.BySource.Count ? $"The {shown.Length} with most faces." : null, SourceTable(shown, summary)),
                failed.Length == 0 ? null : Section("Failed", null, Table(["", "Error"], failed.Take(MaxSources).Select(input => (string[])[input.Source, input.Error!]))),
                missing.Count == 0 ? null : Section("Missing", null, Table([""], missing.Take(MaxSources).Select(source => (string[])[source]))),
            ]);
    }

    private static Html SourceTable(IEnumerable<InputRecord> inputs, ArchiveSummary summary) => Table(["", "Frames", "Faces", .. TimelinePage.Labels], inputs.Select(input =>
    {
        double[] counts = summary.BySource[input.Source];
        return (string[])[input.Source, $"{input.Frames}", $"{input.Faces}", .. counts.Select(count => Percent(count / counts.Sum()))];
    }));
}
