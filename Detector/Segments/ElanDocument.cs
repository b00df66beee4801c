using System.Xml;
using System.Xml.Linq;

namespace MlNetEmotion.Detector.Segments;

/// <summary>ELAN's annotation format 3.0 (http://www.mpi.nl/tools/elan/EAFv3.0.xsd): one tier per face, with the emotions as a controlled vocabulary.</summary>
internal static class ElanDocument
{
    private const string Schema = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd";
    private const string Vocabulary = "Emotions";
    private const string Language = "eng";

    private static readonly Dictionary<string, string> MimeTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = "video/mp4",
        [".m4v"] = "video/mp4",
        [".mov"] = "video/quicktime",
        [".avi"] = "video/x-msvideo",
        [".mkv"] = "video/x-matroska",
        [".webm"] = "video/webm",
        [".mpg"] = "video/mpeg",
        [".mpeg"] = "video/mpeg",
        [".wmv"] = "video/x-ms-wmv",
    };

    /// <summary>Whether ELAN may play a source: a file, or a name with a video's extension.</summary>
    public static bool IsMedia(string source) => !source.Contains("://", StringComparison.Ordinal) && (File.Exists(source) || MimeTypes.ContainsKey(Path.GetExtension(source)));

    /// <summary>Writes a document.</summary>
    /// <param name="path">The document's path, to which the media's relative addresses refer.</param>
    public static void Write(Stream stream, SegmentTable table, string path, IEnumerable<string> media, DateTimeOffset date)
    {
        XNamespace xsi = "http://www.w3.org/2001/XMLSchema-instance";
        var document = new XElement(
            "ANNOTATION_DOCUMENT", new XAttribute(xsi + "noNamespaceSchemaLocation", Schema),
            Attributes(("AUTHOR", "MlNetEmotion"), ("DATE", XmlConvert.ToString(date)), ("FORMAT", "3.0"), ("VERSION", "3.0")), new XAttribute(XNamespace.Xmlns + "xsi", xsi),
            new XElement("HEADER", Attributes(("MEDIA_FILE", ""), ("TIME_UNITS", "milliseconds")), media.Select(file => Medium(file, path))),
            Tiers(table),
            new XElement("LINGUISTIC_TYPE", Attributes(("CONTROLLED_VOCABULARY_REF", Vocabulary), ("GRAPHIC_REFERENCES", "false"), ("LINGUISTIC_TYPE_ID", "emotion"), ("TIME_ALIGNABLE", "true"))),
            new XElement("LANGUAGE", Attributes(("LANG_DEF", "http://cdb.iso.org/lg/CDB-00138502-001"), ("LANG_ID", Language), ("LANG_LABEL", "English (eng)"))),
            new XElement(
                "CONTROLLED_VOCABULARY", Attributes(("CV_ID", Vocabulary)),
                new XElement("DESCRIPTION", Attributes(("LANG_REF", Language)), "The shown emotion"),
                Emotions.Labels.Select(label => new XElement(
                    "CV_ENTRY_ML", Attributes(("CVE_ID", $"cve-{label}")), new XElement("CVE_VALUE", Attributes(("DESCRIPTION", ""), ("LANG_REF", Language)), label)))));
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        document.WriteTo(xml);
    }

    // MEDIA_URL is written as ELAN does, without percent-encoding.
    private static XElement Medium(string file, string path)
    {
        string full = Path.GetFullPath(file);
        string relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, full);
        (string, string)[] attributes = [("MEDIA_URL", $"file:///{Slashes(full).TrimStart('/')}"), ("MIME_TYPE", MimeTypes.GetValueOrDefault(Path.GetExtension(file), "unknown"))];
        return new XElement("MEDIA_DESCRIPTOR", Attributes(Path.IsPathRooted(relative) ? attributes : [.. attributes, ("RELATIVE_MEDIA_URL", relative.StartsWith("..", StringComparison.Ordinal) ? Slashes(relative) : $"./{Slashes(relative)}")]));
    }

    // Each annotation has two time slots to itself: ELAN moves all annotations of a slot together.
    private static IEnumerable<XElement> Tiers(SegmentTable table)
    {
        var annotations = table.Shown.SelectMany(face => face.Segments.Select(segment => (Face: face, Segment: segment)))
            .Select((annotation, i) => (annotation.Face, annotation.Segment, Id: i + 1, Slots: Slots(annotation.Segment, i + 1))).ToArray();
        IEnumerable<XElement> slots = annotations.SelectMany(annotation => annotation.Slots).OrderBy(slot => slot.Time)
            .Select(slot => new XElement("TIME_SLOT", Attributes(("TIME_SLOT_ID", slot.Id), ("TIME_VALUE", XmlConvert.ToString(slot.Time)))));
        return annotations.GroupBy(annotation => annotation.Face).Select(tier => new XElement(
            "TIER", Attributes(("LINGUISTIC_TYPE_REF", "emotion"), ("PARTICIPANT", $"Face {tier.Key.TrackId}"), ("TIER_ID", table.NameOf(tier.Key))),
            tier.Select(annotation => new XElement("ANNOTATION", new XElement(
                "ALIGNABLE_ANNOTATION",
                Attributes(("ANNOTATION_ID", $"a{annotation.Id}"), ("CVE_REF", $"cve-{annotation.Segment.Emotion}"), ("TIME_SLOT_REF1", annotation.Slots[0].Id), ("TIME_SLOT_REF2", annotation.Slots[1].Id)),
                new XElement("ANNOTATION_VALUE", annotation.Segment.Emotion)))))).Prepend(new XElement("TIME_ORDER", slots));
    }

    private static (string Id, long Time)[] Slots(Segment segment, int id)
    {
        long start = Rounded(segment.StartMs);
        return [($"ts{(2 * id) - 1}", start), ($"ts{2 * id}", Math.Max(start + 1, Rounded(segment.EndMs)))];
    }

    private static IEnumerable<XAttribute> Attributes(params (string Name, string Value)[] attributes) =>
        attributes.Select(attribute => new XAttribute(attribute.Name, OneLine.Of(attribute.Value)));

    private static long Rounded(decimal ms) => (long)decimal.Round(ms, MidpointRounding.AwayFromZero);

    private static string Slashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');
}
