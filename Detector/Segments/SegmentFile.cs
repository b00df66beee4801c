using MlNetEmotion.Detector.Output;

namespace MlNetEmotion.Detector.Segments;

/// <summary>Writes segments in the format of a file's extension.</summary>
internal static class SegmentFile
{
    /// <summary>The supported file extensions.</summary>
    public static readonly string[] Endings = [".csv", ".eaf", ".TextGrid", ".vtt", ".srt", ".tsv"];

    /// <exception cref="UsageException">The extension is not supported, or the path means standard output.</exception>
    public static void CheckEnding(string? segments, string? summary)
    {
        if (segments == OutputFiles.StandardOutput || summary == OutputFiles.StandardOutput)
        {
            throw new UsageException("segments and their summary are complete at the end only: name a file instead of '-'.");
        }

        OutputFiles.CheckEnding(segments, Endings);
        OutputFiles.CheckEnding(summary, ".csv");
    }

    /// <summary>Whether a file's format has room for one source only.</summary>
    public static bool IsOfOneSource(string path) => Ending(path) is ".vtt" or ".srt";

    /// <summary>Whether a file's format links the media that it is about.</summary>
    public static bool LinksMedia(string path) => Ending(path) == ".eaf";

    /// <summary>Writes a file atomically.</summary>
    /// <param name="csv">The variant of CSV for a file that ends in .csv.</param>
    /// <param name="media">The media file of the only source; null if the sources are files themselves.</param>
    public static void Write(string path, SegmentTable table, EventFormat csv, string? media = null)
    {
        if (LinksMedia(path))
        {
            IEnumerable<string> files = media is null ? table.EndMs.Keys.Where(ElanDocument.IsMedia) : [media];
            AtomicFile.Write(path, stream => ElanDocument.Write(stream, table, path, files, DateTimeOffset.Now));
            return;
        }

        AtomicFile.WriteText(path, Ending(path) switch
        {
            ".textgrid" => PraatTextGrid.ToText(table),
            ".vtt" => Subtitles.ToWebVtt(table),
            ".srt" => Subtitles.ToSubRip(table),
            ".tsv" => SegmentTables.ToBoris(table),
            _ => SegmentTables.ToCsv(table, CsvDialect.Of(csv)),
        });
    }

    /// <summary>Writes the summary of each face and emotion as CSV, atomically.</summary>
    public static void WriteSummary(string path, SegmentTable table, EventFormat csv) => AtomicFile.WriteText(path, SegmentTables.ToSummary(table, CsvDialect.Of(csv)));

    private static string Ending(string path) => Path.GetExtension(path).ToLowerInvariant();
}
