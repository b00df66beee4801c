using System.Xml;

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
    /// <param name="media">The media files.</param>
    /// <param name="date">The document's date.</param>
    public static void Write(Stream stream, SegmentTable table, string path, IEnumerable<string> media, DateTimeOffset date)
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("ANNOTATION_DOCUMENT");
        xml.WriteAttributeString("xsi", "noNamespaceSchemaLocation", "http://www.w3.org/2001/XMLSchema-instance", Schema);
        Attributes(xml, ("AUTHOR", "MlNetEmotion"), ("DATE", XmlConvert.ToString(date)), ("FORMAT", "3.0"), ("VERSION", "3.0"));
        WriteHeader(xml, path, media);
        WriteTiers(xml, table);
        Element(xml, "LINGUISTIC_TYPE", ("CONTROLLED_VOCABULARY_REF", Vocabulary), ("GRAPHIC_REFERENCES", "false"), ("LINGUISTIC_TYPE_ID", "emotion"), ("TIME_ALIGNABLE", "true"));
        Element(xml, "LANGUAGE", ("LANG_DEF", "http://cdb.iso.org/lg/CDB-00138502-001"), ("LANG_ID", Language), ("LANG_LABEL", "English (eng)"));
        WriteVocabulary(xml);
        xml.WriteEndElement();
    }

    // MEDIA_URL is written as ELAN does, without percent-encoding.
    private static void WriteHeader(XmlWriter xml, string path, IEnumerable<string> media)
    {
        Start(xml, "HEADER", ("MEDIA_FILE", ""), ("TIME_UNITS", "milliseconds"));
        foreach (string file in media)
        {
            string full = Path.GetFullPath(file);
            string relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, full);
            (string, string)[] attributes = [("MEDIA_URL", $"file:///{Slashes(full).TrimStart('/')}"), ("MIME_TYPE", MimeTypes.GetValueOrDefault(Path.GetExtension(file), "unknown"))];
            Element(xml, "MEDIA_DESCRIPTOR", Path.IsPathRooted(relative) ? attributes : [.. attributes, ("RELATIVE_MEDIA_URL", relative.StartsWith("..", StringComparison.Ordinal) ? Slashes(relative) : $"./{Slashes(relative)}")]);
        }

        xml.WriteEndElement();
    }

    // Each annotation has two time slots to itself: ELAN moves all annotations of a slot together.
    private static void WriteTiers(XmlWriter xml, SegmentTable table)
    {
        var annotations = table.Shown.SelectMany(face => face.Segments.Select(segment => (Face: face, Segment: segment))).Select((annotation, i) => (annotation.Face, annotation.Segment, Id: i + 1)).ToArray();
        xml.WriteStartElement("TIME_ORDER");
        foreach ((string id, long time) in annotations.SelectMany(annotation => Slots(annotation.Segment, annotation.Id)).OrderBy(slot => slot.Time))
        {
            Element(xml, "TIME_SLOT", ("TIME_SLOT_ID", id), ("TIME_VALUE", XmlConvert.ToString(time)));
        }

        xml.WriteEndElement();
        foreach (var tier in annotations.GroupBy(annotation => annotation.Face))
        {
            Start(xml, "TIER", ("LINGUISTIC_TYPE_REF", "emotion"), ("PARTICIPANT", $"Face {tier.Key.TrackId}"), ("TIER_ID", table.NameOf(tier.Key)));
            foreach ((_, Segment segment, int id) in tier)
            {
                xml.WriteStartElement("ANNOTATION");
                (string Id, long Time)[] slots = Slots(segment, id);
                Start(xml, "ALIGNABLE_ANNOTATION", ("ANNOTATION_ID", $"a{id}"), ("CVE_REF", $"cve-{segment.Emotion}"), ("TIME_SLOT_REF1", slots[0].Id), ("TIME_SLOT_REF2", slots[1].Id));
                xml.WriteElementString("ANNOTATION_VALUE", segment.Emotion);
                xml.WriteEndElement();
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }
    }

    private static (string Id, long Time)[] Slots(Segment segment, int id)
    {
        long start = Rounded(segment.StartMs);
        return [($"ts{(2 * id) - 1}", start), ($"ts{2 * id}", Math.Max(start + 1, Rounded(segment.EndMs)))];
    }

    private static void WriteVocabulary(XmlWriter xml)
    {
        Start(xml, "CONTROLLED_VOCABULARY", ("CV_ID", Vocabulary));
        Start(xml, "DESCRIPTION", ("LANG_REF", Language));
        xml.WriteString("The shown emotion");
        xml.WriteEndElement();
        foreach (string label in Emotions.Labels)
        {
            Start(xml, "CV_ENTRY_ML", ("CVE_ID", $"cve-{label}"));
            Start(xml, "CVE_VALUE", ("DESCRIPTION", ""), ("LANG_REF", Language));
            xml.WriteString(label);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, params (string Name, string Value)[] attributes)
    {
        Start(xml, name, attributes);
        xml.WriteEndElement();
    }

    private static void Start(XmlWriter xml, string name, params (string Name, string Value)[] attributes)
    {
        xml.WriteStartElement(name);
        Attributes(xml, attributes);
    }

    private static void Attributes(XmlWriter xml, params (string Name, string Value)[] attributes) =>
        Array.ForEach(attributes, attribute => xml.WriteAttributeString(attribute.Name, OneLine.Of(attribute.Value)));

    private static long Rounded(decimal ms) => (long)decimal.Round(ms, MidpointRounding.AwayFromZero);

    private static string Slashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');
}
