using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Programs.Archive;
using MlNetEmotion.Programs.Reports;
using static MlNetEmotion.Programs.Reports.Html;
using static MlNetEmotion.Programs.Reports.HtmlPage;

namespace MlNetEmotion.Detector.Archive;

/// <summary>Collects what an archive's report tells: how many faces of each source showed what, and some sources over time.</summary>
/// <param name="keepsSources">Whether there will be a report, for which memory grows with the sources.</param>
internal sealed class ArchiveStory(IReadOnlyList<string> timelines, bool keepsSources)
{
    private readonly Dictionary<string, List<FaceRow>> followed = timelines.Distinct().ToDictionary(source => source, _ => new List<FaceRow>());

    public long Faces { get; private set; }

    /// <summary>Faces of each source by their answers, double [8].</summary>
    public Dictionary<string, double[]> BySource { get; } = [];

    public void Add(in FaceRow row)
    {
        Faces++;
        if (!keepsSources)
        {
            return;
        }

        if (!BySource.TryGetValue(row.Source, out double[]? answers))
        {
            BySource.Add(row.Source, answers = new double[StoryPage.Answers.Length]);
        }

        answers[Array.IndexOf(StoryPage.Answers, row.Shown)]++;
        if (followed.TryGetValue(row.Source, out List<FaceRow>? rows))
        {
            rows.Add(row);
        }
    }

    /// <summary>A source over time, as the Detector's own report of it would show it.</summary>
    public Story Tell(string source, InputRecord? input)
    {
        double framesPerSecond = input is { Frames: > 1, LastMs: > 0 } ? (input.Frames - 1) * 1000 / input.LastMs : 1;
        var story = new RunStory(framesPerSecond, keepThumbnails: false);
        using var noPixels = new Frame();
        foreach (IGrouping<long, FaceRow> frame in followed[source].GroupBy(row => row.Frame))
        {
            List<FaceResult> faces =
                [.. frame.Select(row => new FaceResult(row.TrackId, row.Box, row.Scores) { Emotion = row.Emotion, IsUncertain = row.Shown == FaceResult.Uncertain })];
            story.Write(noPixels, new FrameResult(frame.Key, TimeSpan.FromMilliseconds(frame.First().TimestampMs), faces, Source: source));
        }

        return story.Tell();
    }

    public IEnumerable<string> Timelines => followed.Keys;
}

/// <summary>An archive as an HTML page that needs nothing else.</summary>
internal static class ArchivePage
{
    /// <summary>Sources listed; a page of more opens slowly.</summary>
    internal const int MaxSources = 2000;

    public static string ToHtml(IReadOnlyList<InputRecord> inputs, IReadOnlyList<string> missing, ArchiveStory story)
    {
        InputRecord[] failed = [.. inputs.Where(input => input.Error is not null)];
        InputRecord[] shown = [.. inputs.Where(input => story.BySource.ContainsKey(input.Source)).OrderByDescending(input => input.Faces).Take(MaxSources)];
        double[] all = [.. StoryPage.Answers.Select((_, answer) => story.BySource.Values.Sum(answers => answers[answer]))];
        Dictionary<string, InputRecord> bySource = inputs.ToDictionary(input => input.Source);
        return Render(
            "Archive",
            $"{Quantity.Pluralize(inputs.Count, "input")}, {Quantity.Pluralize(inputs.Sum(input => input.Frames), "frame")}, {Quantity.Pluralize(story.Faces, "face")}; {failed.Length} failed, {missing.Count} missing",
            [
                StoryPage.Paints,
                Section("Share of faces", "Each face in each frame counts once.", Card("All sources together", null, Chart.Responsive(width => StoryPage.Shares(all, "faces", width)))),
                .. story.Timelines.Select(source => StoryPage.TimelineOf(source, story.Tell(source, bySource.GetValueOrDefault(source)))),
                Section("Sources", shown.Length < story.BySource.Count ? $"The {shown.Length} with most faces." : null, SourceTable(shown, story)),
                failed.Length == 0 ? null : Section("Failed", null, Table(["", "Error"], failed.Take(MaxSources).Select(input => (string[])[input.Source, input.Error!]))),
                missing.Count == 0 ? null : Section("Missing", null, Table([""], missing.Take(MaxSources).Select(source => (string[])[source]))),
            ]);
    }

    private static Html SourceTable(IEnumerable<InputRecord> inputs, ArchiveStory story) => Table(["", "Frames", "Faces", .. StoryPage.Answers], inputs.Select(input =>
    {
        double[] answers = story.BySource[input.Source];
        return (string[])[input.Source, $"{input.Frames}", $"{input.Faces}", .. answers.Select(count => Percent(count / answers.Sum()))];
    }));
}
