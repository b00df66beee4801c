using System.Text;

namespace MlNetEmotion.Detector.Segments;

/// <summary>Praat's long text format of interval tiers (https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html): one tier per face, which covers
/// the whole time with labelled and empty intervals.</summary>
internal static class PraatTextGrid
{
    public static string ToText(SegmentTable table)
    {
        decimal end = Math.Max(1, table.EndMs.Values.DefaultIfEmpty().Max());
        (string Name, IReadOnlyList<Segment> Segments)[] tiers = [.. table.Shown.Select(face => (table.NameOf(face), face.Segments))];
        tiers = tiers.Length > 0 ? tiers : [("Face", [])];    // Praat needs a tier
        var text = new StringBuilder();
        text.Append(FormattableString.Invariant($"File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = {Seconds(end)}\ntiers? <exists>\nsize = {tiers.Length}\nitem []:\n"));
        for (int i = 0; i < tiers.Length; i++)
        {
            (decimal Start, decimal End, string Label)[] intervals = [.. Intervals(tiers[i].Segments, end)];
            text.Append($"    item [{i + 1}]:\n        class = \"IntervalTier\"\n        name = {Quoted(tiers[i].Name)}\n        xmin = 0\n        xmax = {Seconds(end)}\n        intervals: size = {intervals.Length}\n");
            for (int j = 0; j < intervals.Length; j++)
            {
                text.Append($"        intervals [{j + 1}]:\n            xmin = {Seconds(intervals[j].Start)}\n            xmax = {Seconds(intervals[j].End)}\n            text = {Quoted(intervals[j].Label)}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(decimal Start, decimal End, string Label)> Intervals(IEnumerable<Segment> segments, decimal end)
    {
        decimal covered = 0;
        foreach (Segment segment in segments)
        {
            if (segment.StartMs > covered)
            {
                yield return (covered, segment.StartMs, "");
            }

            yield return (segment.StartMs, segment.EndMs, segment.Emotion);
            covered = segment.EndMs;
        }

        if (covered < end)
        {
            yield return (covered, end, "");
        }
    }

    private static string Seconds(decimal ms) => FormattableString.Invariant($"{ms / 1000:0.######}");

    private static string Quoted(string text) => $"\"{OneLine.Of(text).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>Subtitles: WebVTT (https://www.w3.org/TR/webvtt1/) and SubRip. One cue per segment; those of several faces overlap.</summary>
internal static class Subtitles
{
    public static string ToWebVtt(SegmentTable table)
    {
        string title = string.Join(", ", table.EndMs.Keys.Select(source => Escaped(OneLine.Of(source))));
        return (title.Length > 0 ? $"WEBVTT {title}\n\n" : "WEBVTT\n\n") + Cues(table, '.', Escaped);
    }

    public static string ToSubRip(SegmentTable table) => Cues(table, ',', text => text);

    private static string Cues(SegmentTable table, char decimals, Func<string, string> write)
    {
        var cues = table.Shown.SelectMany(face => face.Segments.Select(segment => (Face: face, Segment: segment))).OrderBy(cue => cue.Segment.StartMs);
        return string.Concat(cues.Select((cue, i) => $"{i + 1}\n{Time(cue.Segment.StartMs)} --> {Time(cue.Segment.EndMs)}\n{write($"Face {cue.Face.TrackId}: {cue.Segment.Emotion}")}\n\n"));

        string Time(decimal ms)
        {
            long rounded = (long)decimal.Round(ms, MidpointRounding.AwayFromZero);
            return $"{rounded / 3_600_000:00}:{rounded / 60_000 % 60:00}:{rounded / 1000 % 60:00}{decimals}{rounded % 1000:000}";
        }
    }

    // With every '>' escaped no "-->" is left, which would be a cue's time.
    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>Texts for formats of lines and of XML. File names may contain line breaks and other control characters.</summary>
internal static class OneLine
{
    /// <summary>Replaces control characters by spaces, and lone surrogates and noncharacters by U+FFFD.</summary>
    public static string Of(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        Rune.IsControl(rune) ? " " : rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString()));
}
