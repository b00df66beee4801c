using System.Text;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Segments;

/// <summary>Segments as tables: plain ones, and the columns of BORIS' export.</summary>
internal static class SegmentTables
{
    private const string Unknown = "NA";    // as BORIS writes it

    // Tabular events of BORIS 8 (https://www.boris.unito.it/user_guide/export_events/).
    private static readonly string[] BorisColumns =
    [
        "Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source", "Time offset (s)", "Media duration (s)", "FPS",
        "Subject", "Behavior", "Behavioral category", "Behavior type", "Time", "Media file name", "Image index", "Image file path", "Comment",
    ];

    /// <summary>One line per segment.</summary>
    public static string ToCsv(SegmentTable table, CsvDialect csv) => Text(
        csv,
        ["source", "trackId", "emotion", "startMs", "endMs", "durationMs", "meanProbability", "peakProbability", "peakMs", "frames"],
        table.Shown.SelectMany(face => face.Segments.Select(segment => (object[])[
            face.Source, face.TrackId, segment.Emotion, Ms(segment.StartMs), Ms(segment.EndMs), Ms(segment.DurationMs),
            Share(segment.MeanProbability), Share(segment.PeakProbability), Ms(segment.PeakMs), segment.Frames])));

    /// <summary>One line per face and emotion.</summary>
    public static string ToSummary(SegmentTable table, CsvDialect csv) => Text(
        csv,
        ["source", "trackId", "emotion", "segments", "durationMs", "share", "meanDurationMs", "firstMs", .. Emotions.Labels.Select(label => $"then{label}")],
        table.Shown.SelectMany(EmotionSummary.Of).Select(emotion => (object[])[
            emotion.Source, emotion.TrackId, emotion.Emotion, emotion.Segments, Ms(emotion.DurationMs), Share(emotion.Share), Ms(emotion.MeanDurationMs), Ms(emotion.FirstMs),
            .. emotion.Next.Values]));

    /// <summary>Two lines per segment, its start and its stop, in the order of their times.</summary>
    public static string ToBoris(SegmentTable table) => Text(
        new CsvDialect('\t'),
        BorisColumns,
        table.EndMs.SelectMany(source => table.Shown.Where(face => face.Source == source.Key).SelectMany(Edges)
            .OrderBy(edge => edge.Time).ThenBy(edge => edge.IsStart)    // a behavior ends before the next begins
            .Select(edge => (object[])[
                source.Key, Unknown, "", Seconds(source.Value), "Media file(s)", $"player #1:{source.Key}", Seconds(0), Unknown, Unknown,
                $"Face {edge.Face.TrackId}", edge.Segment.Emotion, "Emotion", edge.IsStart ? "START" : "STOP", Seconds(edge.Time), source.Key, Unknown, Unknown,
                edge.IsStart ? $"probability {Share(edge.Segment.MeanProbability)}" : ""])));

    private static IEnumerable<(FaceSegments Face, Segment Segment, decimal Time, bool IsStart)> Edges(FaceSegments face) =>
        face.Segments.Select(segment => (face, segment, segment.StartMs, true)).Concat(face.Segments.Select(segment => (face, segment, segment.EndMs, false)));

    private static string Text(CsvDialect csv, string[] columns, IEnumerable<object[]> rows)
    {
        StringBuilder text = new StringBuilder(csv.Start).Append(csv.Line(columns)).Append('\n');
        foreach (object[] row in rows)
        {
            text.Append(csv.Line(row)).Append('\n');
        }

        return text.ToString();
    }

    private static decimal Ms(decimal time) => WrittenNumbers.Plain(time, 3);

    private static decimal Share(decimal value) => WrittenNumbers.Plain(value, 6);

    // Three decimals, as BORIS writes them.
    private static string Seconds(decimal ms) => FormattableString.Invariant($"{ms / 1000:0.000}");
}
