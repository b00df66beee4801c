using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Programs.Reports;
using static MlNetEmotion.Programs.Reports.Html;
using static MlNetEmotion.Programs.Reports.HtmlPage;

namespace MlNetEmotion.Detector.Reports;

/// <summary>A run as an HTML page that needs nothing else.</summary>
internal static class StoryPage
{
    internal static readonly string[] Answers = [.. Emotions.Labels, FaceResult.Uncertain];
    private static readonly string[] Colors =
        [.. Enum.GetValues<Emotion>().Select(EmotionColors.Of).Append(EmotionColors.Uncertain).Select(rgb => $"#{rgb:x6}")];

    /// <summary>The answers' colours, for a page that has charts of these.</summary>
    internal static Html Paints => $"<style>:root {{ {Colors.Select((color, answer) => (Html)$"--answer-{answer}: {color};")} }}</style>";

    public static string ToHtml(string title, Story story) => Render(
        title,
        story.Pictures is null
            ? $"{Quantity.Pluralize(story.Frames, "frame")}, {Time(story.Seconds)}, {Quantity.Pluralize(story.Faces, "face")} followed"
            : $"{Quantity.Pluralize(story.Frames, "picture")}, {Quantity.Pluralize(story.Faces, "face")}",
        [
            Paints,
            .. story.Pictures is null ? Film(story) : Stills(title, story.Pictures, story),
            Section("Best moments", "When each emotion was surest.", (Html)$"<div class=\"faces\">{story.Best.Select(moment => Moment(title, story, moment))}</div>"),
        ]);

    /// <summary>What each face of a film showed over time.</summary>
    internal static Html TimelineOf(string heading, Story story) =>
        Section(heading, Note(story), Card("What each face showed", "since the first frame", Chart.Responsive(width => Timeline(story, width))));

    private static Html[] Film(Story story) =>
    [
        TimelineOf("Timeline", story),
        Section("Share of time", null, Card("All faces together", null, Chart.Responsive(width => Shares(story.SecondsByAnswer, "time", width))), ShareTable(story)),
    ];

    // A share of time is one of faces here, for each picture takes a second.
    private static Html[] Stills(string title, IReadOnlyList<StoryPicture> pictures, Story story) =>
    [
        Section("Pictures", Note(story), PictureTable(title, pictures)),
        Section("Share of faces", null, Card("All pictures together", null, Chart.Responsive(width => Shares(story.SecondsByAnswer, "faces", width)))),
    ];

    private static string Time(double seconds)
    {
        string rest = (seconds % 60).ToString(seconds < 60 ? "0.0" : "00.0");
        return seconds < 60 ? $"{rest} s" : $"{Math.Floor(seconds / 60)}:{rest}";
    }

    private static string? Note(Story story) =>
        story.Tracks.Count == 0 ? "No face was found."
        : story.Pictures is not null ? (story.Pictures.Count < story.Frames ? $"The first {story.Pictures.Count} pictures." : null)
        : story.Tracks.Count < story.Faces ? $"The {Quantity.Pluralize(story.Tracks.Count, "face")} seen longest."
        : null;

    private static Chart Timeline(Story story, int width)
    {
        var chart = new Chart(
            "Each face's emotions over time",
            Chart.Numbers(null, 0, Math.Max(story.Seconds, 0.1), Time),
            Chart.Names([.. story.Tracks.Select(track => $"Face {track.TrackId}")], fromTheTop: true),
            width,
            50 + (30 * Math.Max(1, story.Tracks.Count)));
        for (int place = 0; place < story.Tracks.Count; place++)
        {
            foreach (StorySegment segment in story.Tracks[place].Segments)
            {
                chart.Bar(Paint(segment.Answer), segment.Start, place - 0.4, segment.End, place + 0.4);
                chart.Hint(
                    segment.Start, place - 0.4, segment.End, place + 0.4,
                    $"Face {story.Tracks[place].TrackId}, {Answers[segment.Answer]}: {Time(segment.Start)} to {Time(segment.End)}");
            }
        }

        foreach (int answer in Shown(story))
        {
            chart.Legend(Answers[answer], Paint(answer));
        }

        return chart;
    }

    /// <summary>The shares of answers, double [8].</summary>
    internal static Chart Shares(double[] byAnswer, string of, int width)
    {
        double all = Math.Max(byAnswer.Sum(), 1e-9);
        var chart = new Chart(
            $"Share of {of} of each emotion", Chart.Percents(null, 0), Chart.Names(Answers, fromTheTop: true), width, 50 + (26 * Answers.Length));
        for (int answer = 0; answer < Answers.Length; answer++)
        {
            double share = byAnswer[answer] / all;
            chart.Bar(Paint(answer), 0, answer - 0.36, share, answer + 0.36);
            chart.Hint(0, answer - 0.5, double.PositiveInfinity, answer + 0.5, $"{Answers[answer]}: {Percent(share)}");
        }

        return chart;
    }

    private static Html ShareTable(Story story)
    {
        int[] shown = Shown(story);
        return Table(["", "Seen", .. shown.Select(answer => Answers[answer])], story.Tracks.Select(track =>
        {
            double seen = track.SecondsByAnswer.Sum();
            return (string[])[$"Face {track.TrackId}", Time(seen), .. shown.Select(answer => Percent(track.SecondsByAnswer[answer] / seen))];
        }));
    }

    private static Html PictureTable(string title, IReadOnlyList<StoryPicture> pictures) => Table(["", "Faces", "Shown"], pictures.Select(picture =>
        (string[])[
            ImageSource.NameWithin(title, picture.Source),
            $"{picture.Faces.Count}",
            string.Join(", ", picture.Faces.Select(face => face.Shown == FaceResult.Uncertain ? face.Shown : $"{face.Shown} {Percent(face.Probability)}")),
        ]));

    private static Html Moment(string title, Story story, StoryMoment moment)
    {
        string place = story.Pictures is null ? $"at {Time(moment.Seconds)}, face {moment.TrackId}" : $"in {ImageSource.NameWithin(title, moment.Source)}";
        Html? picture = moment.Jpeg is null ? null : (Html)$"""
            <img src="data:image/jpeg;base64,{Convert.ToBase64String(moment.Jpeg)}" alt="The face at its surest {Answers[moment.Answer]}">
            """;
        return $"""
            <figure class="card" style="border-top: 4px solid var(--{Paint(moment.Answer)})">{picture}<figcaption>
            <strong>{Answers[moment.Answer]} {Percent(moment.Probability)}</strong>
            <span class="source muted" title="{moment.Source}, frame {moment.Frame}, face {moment.TrackId}">{place}</span></figcaption></figure>
            """;
    }

    private static int[] Shown(Story story) => [.. Enumerable.Range(0, Answers.Length).Where(answer => story.SecondsByAnswer[answer] > 0)];

    private static string Paint(int answer) => $"answer-{answer}";
}
