using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Reports;
using static MlNetEmotion.Programs.Reports.Html;
using static MlNetEmotion.Programs.Reports.HtmlPage;

namespace MlNetEmotion.Detector.Reports;

/// <summary>The report of a run as a self-contained HTML page.</summary>
internal static class TimelinePage
{
    internal static readonly string[] Labels = [.. Emotions.Labels, FaceResult.Uncertain];
    private static readonly string[] Colors =
        [.. Enum.GetValues<Emotion>().Select(EmotionColors.Of).Append(EmotionColors.Uncertain).Select(rgb => $"#{rgb:x6}")];

    /// <summary>The style element with the labels' colors, which the charts need.</summary>
    internal static Html ColorStyle => $"<style>:root {{ {Colors.Select((color, label) => (Html)$"--answer-{label}: {color};")} }}</style>";

    /// <param name="segments">The segments of the video's faces, made with <paramref name="settings"/>; null to leave out their summary.</param>
    public static string ToHtml(string title, Timeline timeline, SegmentTable? segments = null, SegmentOptions? settings = null) => Render(
        title,
        timeline.Images is null
            ? $"{Quantity.Pluralize(timeline.Frames, "frame")}, {Time(timeline.Seconds)}, {Quantity.Pluralize(timeline.Faces, "face")} followed"
            : $"{Quantity.Pluralize(timeline.Frames, "image")}, {Quantity.Pluralize(timeline.Faces, "face")}",
        [
            ColorStyle,
            .. timeline.Images is null ? Video(timeline) : Stills(title, timeline.Images, timeline),
            segments is null ? null : SegmentSection(timeline, segments, settings!),
            Section("Best moments", "When each emotion was surest.", (Html)$"<div class=\"faces\">{timeline.Best.Select(moment => Moment(title, timeline, moment))}</div>"),
        ]);

    /// <summary>The section with the labels of each face over time.</summary>
    internal static Html TimelineSection(string heading, Timeline timeline) =>
        Section(heading, Note(timeline), Card("What each face showed", "since the first frame", Chart.Responsive(width => TimelineChart(timeline, width))));

    private static Html[] Video(Timeline timeline) =>
    [
        TimelineSection("Timeline", timeline),
        Section("Share of time", null, Card("All faces together", null, Chart.Responsive(width => Shares(timeline.SecondsByLabel, "time", width))), ShareTable(timeline)),
    ];

    // Each image lasts a second, so shares of time are shares of faces.
    private static Html[] Stills(string title, IReadOnlyList<TimelineImage> images, Timeline timeline) =>
    [
        Section("Images", Note(timeline), ImageTable(title, images)),
        Section("Share of faces", null, Card("All images together", null, Chart.Responsive(width => Shares(timeline.SecondsByLabel, "faces", width)))),
    ];

    private static string Time(double seconds)
    {
        string rest = (seconds % 60).ToString(seconds < 60 ? "0.0" : "00.0");
        return seconds < 60 ? $"{rest} s" : $"{Math.Floor(seconds / 60)}:{rest}";
    }

    private static string? Note(Timeline timeline) =>
        timeline.Tracks.Count == 0 ? "No face was found."
        : timeline.Images is not null ? (timeline.Images.Count < timeline.Frames ? $"The first {timeline.Images.Count} images." : null)
        : timeline.Tracks.Count < timeline.Faces ? $"The {Quantity.Pluralize(timeline.Tracks.Count, "face")} seen longest."
        : null;

    private static Chart TimelineChart(Timeline timeline, int width)
    {
        var chart = new Chart(
            "Each face's emotions over time",
            Chart.Numbers(null, 0, Math.Max(timeline.Seconds, 0.1), Time),
            Chart.Names([.. timeline.Tracks.Select(track => $"Face {track.TrackId}")], fromTheTop: true),
            width,
            50 + (30 * Math.Max(1, timeline.Tracks.Count)));
        for (int place = 0; place < timeline.Tracks.Count; place++)
        {
            foreach (TimelineSegment segment in timeline.Tracks[place].Segments)
            {
                chart.Bar(ColorName(segment.Label), segment.Start, place - 0.4, segment.End, place + 0.4);
                chart.Hint(
                    segment.Start, place - 0.4, segment.End, place + 0.4,
                    $"Face {timeline.Tracks[place].TrackId}, {Labels[segment.Label]}: {Time(segment.Start)} to {Time(segment.End)}");
            }
        }

        foreach (int label in Shown(timeline))
        {
            chart.Legend(Labels[label], ColorName(label));
        }

        return chart;
    }

    /// <summary>The chart of the share of each label.</summary>
    /// <param name="byLabel">The amount of each label, double [8].</param>
    internal static Chart Shares(double[] byLabel, string of, int width)
    {
        double all = Math.Max(byLabel.Sum(), 1e-9);
        var chart = new Chart(
            $"Share of {of} of each emotion", Chart.Percents(null, 0), Chart.Names(Labels, fromTheTop: true), width, 50 + (26 * Labels.Length));
        for (int label = 0; label < Labels.Length; label++)
        {
            double share = byLabel[label] / all;
            chart.Bar(ColorName(label), 0, label - 0.36, share, label + 0.36);
            chart.Hint(0, label - 0.5, double.PositiveInfinity, label + 0.5, $"{Labels[label]}: {Percent(share)}");
        }

        return chart;
    }

    private static Html ShareTable(Timeline timeline)
    {
        int[] shown = Shown(timeline);
        return Table(["", "Seen", .. shown.Select(label => Labels[label])], timeline.Tracks.Select(track =>
        {
            double seen = track.SecondsByLabel.Sum();
            return (string[])[$"Face {track.TrackId}", Time(seen), .. shown.Select(label => Percent(track.SecondsByLabel[label] / seen))];
        }));
    }

    private static Html SegmentSection(Timeline timeline, SegmentTable segments, SegmentOptions settings)
    {
        HashSet<int> tracks = [.. timeline.Tracks.Select(track => track.TrackId)];
        EmotionSummary[] shown = [.. segments.Shown.Where(face => tracks.Contains(face.TrackId)).SelectMany(EmotionSummary.Of)];
        string rule = $"Runs of one emotion that last {settings.MinSeconds:0.##} s or more; gaps up to {settings.GapSeconds:0.##} s are bridged.";
        return shown.Length == 0 ? Section("Segments", $"{rule} There are none.") : Section(
            "Segments", rule, Table(["", "Emotion", "Number", "Share of time", "Mean", "First at", "Followed by"], shown.Select(emotion => (string[])[
                $"Face {emotion.TrackId}", emotion.Emotion, $"{emotion.Segments}", Percent((double)emotion.Share), Time((double)emotion.MeanDurationMs / 1000), Time((double)emotion.FirstMs / 1000),
                string.Join(", ", emotion.Next.Where(next => next.Value > 0).Select(next => $"{next.Key} {next.Value}")),
            ])));
    }

    private static Html ImageTable(string title, IReadOnlyList<TimelineImage> images) => Table(["", "Faces", "Shown"], images.Select(image =>
        (string[])[
            ImageSource.NameWithin(title, image.Source),
            $"{image.Faces.Count}",
            string.Join(", ", image.Faces.Select(face => face.Shown == FaceResult.Uncertain ? face.Shown : $"{face.Shown} {Percent(face.Probability)}")),
        ]));

    private static Html Moment(string title, Timeline timeline, TimelineMoment moment)
    {
        string place = timeline.Images is null ? $"at {Time(moment.Seconds)}, face {moment.TrackId}" : $"in {ImageSource.NameWithin(title, moment.Source)}";
        Html? image = moment.Jpeg is null ? null : (Html)$"""
            <img src="data:image/jpeg;base64,{Convert.ToBase64String(moment.Jpeg)}" alt="The face at its surest {Labels[moment.Label]}">
            """;
        return $"""
            <figure class="card" style="border-top: 4px solid var(--{ColorName(moment.Label)})">{image}<figcaption>
            <strong>{Labels[moment.Label]} {Percent(moment.Probability)}</strong>
            <span class="source muted" title="{moment.Source}, frame {moment.Frame}, face {moment.TrackId}">{place}</span></figcaption></figure>
            """;
    }

    private static int[] Shown(Timeline timeline) => [.. Enumerable.Range(0, Labels.Length).Where(label => timeline.SecondsByLabel[label] > 0)];

    private static string ColorName(int label) => $"answer-{label}";
}
