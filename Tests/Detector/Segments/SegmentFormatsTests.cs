using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Segments;

public sealed class SegmentFormatsTests : IDisposable
{
    private const string OddName = "films/\"Jürgen\" & <co> --> 1.mp4";

    // Face 1: Happy 0 to 200 ms, a gap, Sad 300 to 400; face 2: Fear 100 to 200.
    private static readonly SegmentTable Table = TableOf(OddName);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Csv", "source,trackId,emotion,startMs,endMs,durationMs,meanProbability,peakProbability,peakMs,frames\n"
        + "\"a, b\",1,Happy,0,200,200,0.55,0.6,100,2\n\"a, b\",1,Sad,300,400,100,0.7,0.7,300,1\n\"a, b\",2,Fear,100,200,100,0.333333,0.333333,100,1\n")]
    [InlineData("ExcelCsvWithDecimalCommas", "\uFEFFsource;trackId;emotion;startMs;endMs;durationMs;meanProbability;peakProbability;peakMs;frames\n"
        + "a, b;1;Happy;0;200;200;0,55;0,6;100;2\na, b;1;Sad;300;400;100;0,7;0,7;300;1\na, b;2;Fear;100;200;100;0,333333;0,333333;100;1\n")]
    public void Csv_HasALinePerSegment(string format, string expected) =>
        Assert.Equal(expected, SegmentTables.ToCsv(TableOf("a, b"), CsvDialect.Of(Enum.Parse<EventFormat>(format))));

    // Face 1 is there for 400 ms, of which 100 ms are uncertain; face 2 for 100 ms.
    [Fact]
    public void Summary_HasALinePerFaceAndEmotion() => Assert.Equal(
        "source,trackId,emotion,segments,durationMs,share,meanDurationMs,firstMs,thenAngry,thenDisgust,thenFear,thenHappy,thenSad,thenSurprise,thenNeutral\n"
        + "a,1,Happy,1,200,0.5,200,0,0,0,0,0,1,0,0\na,1,Sad,1,100,0.25,100,300,0,0,0,0,0,0,0\na,2,Fear,1,100,1,100,100,0,0,0,0,0,0,0\n",
        SegmentTables.ToSummary(TableOf("a"), CsvDialect.Of(EventFormat.Csv)));

    [Fact]
    public void Boris_HasStartsAndStopsInOrder()
    {
        string[][] lines = [.. SegmentTables.ToBoris(TableOf("a.mp4")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];

        Assert.Equal(
            "Observation id|Observation date|Description|Observation duration|Observation type|Source|Time offset (s)|Media duration (s)|FPS|Subject|Behavior|Behavioral category|Behavior type|Time|Media file name|Image index|Image file path|Comment",
            string.Join('|', lines[0]));
        Assert.Equal("a.mp4|NA||0.400|Media file(s)|player #1:a.mp4|0.000|NA|NA|Face 1|Happy|Emotion|START|0.000|a.mp4|NA|NA|probability 0.55", string.Join('|', lines[1]));
        Assert.Equal(
            ["1 Happy START 0.000", "2 Fear START 0.100", "1 Happy STOP 0.200", "2 Fear STOP 0.200", "1 Sad START 0.300", "1 Sad STOP 0.400"],
            lines.Skip(1).Select(fields => $"{fields[9][^1]} {fields[10]} {fields[12]} {fields[13]}"));
    }

    [Fact]
    public void Boris_AbuttingSegments_StopBeforeTheNextStarts()
    {
        SegmentTable table = SegmentBuilderTests.Built(new() { MinSeconds = 0 }, SegmentBuilderTests.Face(0, 0, "Happy"), SegmentBuilderTests.Face(1, 100, "Sad"));

        Assert.Equal(["START", "STOP", "START", "STOP"], SegmentTables.ToBoris(table).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split('\t')[12]));
    }

    [Fact]
    public void WebVtt_HasOverlappingCuesAndEscapesTheName() => Assert.Equal(
        "WEBVTT films/\"Jürgen\" &amp; &lt;co&gt; --&gt; 1.mp4\n\n1\n00:00:00.000 --> 00:00:00.200\nFace 1: Happy\n\n2\n00:00:00.100 --> 00:00:00.200\nFace 2: Fear\n\n3\n00:00:00.300 --> 00:00:00.400\nFace 1: Sad\n\n",
        Subtitles.ToWebVtt(Table));

    [Fact]
    public void SubRip_HasCommasAndHours()
    {
        SegmentTable table = SegmentBuilderTests.Built(
            new() { MinSeconds = 0 }, SegmentBuilderTests.Face(0, 3_661_001.4m, "Happy"), SegmentBuilderTests.Face(1, 3_661_999.5m, "Happy"));

        // The last frame lasts 998.1 ms, as the one before it.
        Assert.Equal("1\n01:01:01,001 --> 01:01:02,998\nFace 1: Happy\n\n", Subtitles.ToSubRip(table));
    }

    [Theory]
    [InlineData("s.vtt")]
    [InlineData("s.srt")]
    public async Task Subtitles_AreReadByFfmpeg(string name)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        SegmentFile.Write(folder.At(name), Table, EventFormat.Csv);
        (int exitCode, string output, string error) = await ProgramProcess.Run("ffprobe", "-v", "warning", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0", folder.At(name));

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(
            ["0.000000,0.200000", "0.100000,0.100000", "0.300000,0.100000"],
            output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(',', line.Split(',').Take(2))));
    }

    [Fact]
    public void TextGrid_CoversTheWholeTime()
    {
        const string Expected = """
            File type = "ooTextFile"
            Object class = "TextGrid"

            xmin = 0
            xmax = 0.4
            tiers? <exists>
            size = 2
            item []:
                item [1]:
                    class = "IntervalTier"
                    name = "Face 1"
                    xmin = 0
                    xmax = 0.4
                    intervals: size = 3
                    intervals [1]:
                        xmin = 0
                        xmax = 0.2
                        text = "Happy"
                    intervals [2]:
                        xmin = 0.2
                        xmax = 0.3
                        text = ""
                    intervals [3]:
                        xmin = 0.3
                        xmax = 0.4
                        text = "Sad"
                item [2]:
                    class = "IntervalTier"
                    name = "Face 2"
                    xmin = 0
                    xmax = 0.4
                    intervals: size = 3
                    intervals [1]:
                        xmin = 0
                        xmax = 0.1
                        text = ""
                    intervals [2]:
                        xmin = 0.1
                        xmax = 0.2
                        text = "Fear"
                    intervals [3]:
                        xmin = 0.2
                        xmax = 0.4
                        text = ""

            """;

        Assert.Equal(Expected.ReplaceLineEndings("\n"), PraatTextGrid.ToText(Table));
    }

    [Fact]
    public void TextGrid_SeveralSources_DoublesQuotesInTheTiersNames() =>
        Assert.Contains("name = \"films/\"\"Jürgen\"\" & <co> --> 1.mp4: Face 1\"\n", PraatTextGrid.ToText(TableOf(OddName, "b\nc")), StringComparison.Ordinal);

    // Praat needs a tier that lasts.
    [Fact]
    public void TextGrid_OfNoFace_IsAMillisecondOfNothing()
    {
        string text = PraatTextGrid.ToText(new SegmentBuilder(new()).Build());

        Assert.Contains("\nxmax = 0.001\n", text, StringComparison.Ordinal);
        Assert.EndsWith("intervals [1]:\n            xmin = 0\n            xmax = 0.001\n            text = \"\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextGrid_IsReadByPraat()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/praat"), "needs Debian's package praat");
        SegmentFile.Write(folder.At("s.TextGrid"), TableOf(OddName, "b"), EventFormat.Csv);
        SegmentFile.Write(folder.At("empty.TextGrid"), new SegmentBuilder(new()).Build(), EventFormat.Csv);
        string script = folder.Write("read.praat", $"""
            grid = Read from file: "{folder.At("s.TextGrid")}"
            tiers = Get number of tiers
            name$ = Get tier name: 1
            writeInfoLine: tiers, " ", name$
            for i to 3
                start = Get start time of interval: 1, i
                end = Get end time of interval: 1, i
                label$ = Get label of interval: 1, i
                appendInfoLine: fixed$ (start, 3), " ", fixed$ (end, 3), " ", label$
            endfor
            Read from file: "{folder.At("empty.TextGrid")}"
            intervals = Get number of intervals: 1
            end = Get end time
            appendInfoLine: intervals, " ", fixed$ (end, 3)
            """);
        (int exitCode, string output, string error) = await ProgramProcess.Run("/usr/bin/praat", "--utf8", "--run", script);

        Assert.True(exitCode == 0, error);
        Assert.Equal($"4 {OddName}: Face 1\n0 0.200 Happy\n0.200 0.300 \n0.300 0.400 Sad\n1 0.001\n", output);
    }

    [Fact]
    public void Elan_FollowsTheRulesOfItsSchema()
    {
        XDocument document = Elan(Table, folder.At("results/s.eaf"), [folder.At(OddName)]);
        AssertValid(document);

        Assert.Equal(
            [("Face 1", "Happy", 0, 200), ("Face 1", "Sad", 300, 400), ("Face 2", "Fear", 100, 200)],
            Annotations(document));
        XElement media = document.Descendants("MEDIA_DESCRIPTOR").Single();
        Assert.Equal("video/mp4", media.Attribute("MIME_TYPE")!.Value);
        Assert.Equal($"../{OddName}", media.Attribute("RELATIVE_MEDIA_URL")!.Value);
        Assert.Equal($"file:///{Platform.WithSlashes(folder.At(OddName)).TrimStart('/')}", media.Attribute("MEDIA_URL")!.Value);
        Assert.Equal("2026-11-30T12:00:00+01:00", document.Root!.Attribute("DATE")!.Value);
        Assert.Equal(Emotions.Labels, document.Descendants("CVE_VALUE").Select(value => value.Value));
    }

    [Fact]
    public void Elan_SeveralSources_HaveTiersOfTheirNames()
    {
        XDocument document = Elan(TableOf("a.mp4", "b\u0001\uD800.webm"), folder.At("s.eaf"), [folder.At("a.mp4"), folder.At("b.webm"), folder.At("c.xyz")]);
        AssertValid(document);

        Assert.Equal(["a.mp4: Face 1", "a.mp4: Face 2", "b \uFFFD.webm: Face 1", "b \uFFFD.webm: Face 2"], document.Descendants("TIER").Select(tier => tier.Attribute("TIER_ID")!.Value));
        Assert.Equal(["./a.mp4 video/mp4", "./b.webm video/webm", "./c.xyz unknown"], document.Descendants("MEDIA_DESCRIPTOR").Select(media => $"{media.Attribute("RELATIVE_MEDIA_URL")!.Value} {media.Attribute("MIME_TYPE")!.Value}"));
    }

    [Fact]
    public void Elan_PartsOfAMillisecond_AreRoundedAndLastOne()
    {
        SegmentTable table = SegmentBuilderTests.Built(new() { MinSeconds = 0 }, SegmentBuilderTests.Face(0, 0.5m, "Happy"), SegmentBuilderTests.Face(1, 0.9m, "Sad"));

        Assert.Equal([("Face 1", "Happy", 1, 2), ("Face 1", "Sad", 1, 2)], Annotations(Elan(table, "s.eaf", [])));
    }

    [Fact]
    public void Elan_NoSegment_IsValidToo()
    {
        XDocument document = Elan(new SegmentBuilder(new()).Build(), "s.eaf", []);
        AssertValid(document);

        Assert.Empty(document.Descendants("TIER"));
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("demo", false)]
    [InlineData("rtsp://camera/a.mp4", false)]
    [InlineData("gone/a.MP4", true)]
    public void Elan_LinksVideosOnly(string source, bool expected) => Assert.Equal(expected, ElanDocument.IsMedia(source));

    [Theory]
    [InlineData("s.csv", "source,")]
    [InlineData("S.EAF", "<?xml version=\"1.0\" encoding=\"utf-8\"?>")]
    [InlineData("s.TextGrid", "File type = \"ooTextFile\"")]
    [InlineData("s.vtt", "WEBVTT")]
    [InlineData("s.srt", "1\n00:00:00,000 --> ")]
    [InlineData("s.tsv", "Observation id\t")]
    public void Write_FileName_ChoosesTheFormat(string name, string expected)
    {
        SegmentFile.Write(folder.At(name), Table, EventFormat.Csv);

        Assert.StartsWith(expected, Encoding.UTF8.GetString(File.ReadAllBytes(folder.At(name))), StringComparison.Ordinal);
        Assert.Equal([folder.At(name)], Directory.GetFiles(folder.Root));    // no temporary file
    }

    private static SegmentTable TableOf(params string[] sources) => SegmentBuilderTests.Built(new() { MinSeconds = 0, GapSeconds = 0 }, [.. sources.SelectMany(source => new[]
    {
        SegmentBuilderTests.Face(0, 0, "Happy", 0.5m, source: source),
        SegmentBuilderTests.Face(1, 100, "Happy", 0.6m, source: source),
        SegmentBuilderTests.Face(1, 100, "Fear", 1 / 3m, track: 2, source: source),
        SegmentBuilderTests.Face(2, 200, "Uncertain", source: source),
        SegmentBuilderTests.Face(3, 300, "Sad", 0.7m, source: source),
    })]);

    private static XDocument Elan(SegmentTable table, string path, string[] media)
    {
        using var stream = new MemoryStream();
        ElanDocument.Write(stream, table, path, media, new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.FromHours(1)));
        stream.Position = 0;
        return XDocument.Load(stream);
    }

    private static IEnumerable<(string, string, int, int)> Annotations(XDocument document)
    {
        Dictionary<string, int> slots = document.Descendants("TIME_SLOT").ToDictionary(slot => slot.Attribute("TIME_SLOT_ID")!.Value, slot => (int)slot.Attribute("TIME_VALUE")!);
        return document.Descendants("ALIGNABLE_ANNOTATION").Select(annotation => (
            annotation.Ancestors("TIER").Single().Attribute("TIER_ID")!.Value, annotation.Element("ANNOTATION_VALUE")!.Value,
            slots[annotation.Attribute("TIME_SLOT_REF1")!.Value], slots[annotation.Attribute("TIME_SLOT_REF2")!.Value]));
    }

    private static void AssertValid(XDocument document)
    {
        var schemas = new XmlSchemaSet();
        using var rules = XmlReader.Create(new StringReader(Rules));
        schemas.Add(null, rules);
        document.Validate(schemas, (_, e) => Assert.Fail(e.Message));

        // Beyond the schema, ELAN requires slots in the order of their times.
        int[] times = [.. document.Descendants("TIME_SLOT").Select(slot => (int)slot.Attribute("TIME_VALUE")!)];
        Assert.Equal(times.Order(), times);
        Assert.All(Annotations(document), annotation => Assert.True(annotation.Item3 < annotation.Item4));
    }

    // The rules of http://www.mpi.nl/tools/elan/EAFv3.0.xsd for the elements that are written: their order, attributes, types, keys and references.
    private const string Rules = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:element name="ANNOTATION_DOCUMENT">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="HEADER">
                  <xs:complexType>
                    <xs:sequence>
                      <xs:element name="MEDIA_DESCRIPTOR" minOccurs="0" maxOccurs="unbounded">
                        <xs:complexType>
                          <xs:attribute name="MEDIA_URL" type="xs:anyURI" use="required"/>
                          <xs:attribute name="RELATIVE_MEDIA_URL" type="xs:anyURI"/>
                          <xs:attribute name="MIME_TYPE" type="xs:string" use="required"/>
                        </xs:complexType>
                      </xs:element>
                    </xs:sequence>
                    <xs:attribute name="MEDIA_FILE" type="xs:string"/>
                    <xs:attribute name="TIME_UNITS" type="xs:string" fixed="milliseconds"/>
                  </xs:complexType>
                </xs:element>
                <xs:element name="TIME_ORDER">
                  <xs:complexType>
                    <xs:sequence>
                      <xs:element name="TIME_SLOT" minOccurs="0" maxOccurs="unbounded">
                        <xs:complexType>
                          <xs:attribute name="TIME_SLOT_ID" type="xs:ID" use="required"/>
                          <xs:attribute name="TIME_VALUE" type="xs:unsignedInt"/>
                        </xs:complexType>
                      </xs:element>
                    </xs:sequence>
                  </xs:complexType>
                </xs:element>
                <xs:element name="TIER" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:sequence>
                      <xs:element name="ANNOTATION" minOccurs="0" maxOccurs="unbounded">
                        <xs:complexType>
                          <xs:sequence>
                            <xs:element name="ALIGNABLE_ANNOTATION">
                              <xs:complexType>
                                <xs:sequence><xs:element name="ANNOTATION_VALUE" type="xs:string"/></xs:sequence>
                                <xs:attribute name="ANNOTATION_ID" type="xs:ID" use="required"/>
                                <xs:attribute name="CVE_REF" type="xs:string"/>
                                <xs:attribute name="TIME_SLOT_REF1" type="xs:IDREF" use="required"/>
                                <xs:attribute name="TIME_SLOT_REF2" type="xs:IDREF" use="required"/>
                              </xs:complexType>
                            </xs:element>
                          </xs:sequence>
                        </xs:complexType>
                      </xs:element>
                    </xs:sequence>
                    <xs:attribute name="TIER_ID" type="xs:string" use="required"/>
                    <xs:attribute name="PARTICIPANT" type="xs:string"/>
                    <xs:attribute name="LINGUISTIC_TYPE_REF" type="xs:string" use="required"/>
                  </xs:complexType>
                </xs:element>
                <xs:element name="LINGUISTIC_TYPE" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:attribute name="LINGUISTIC_TYPE_ID" type="xs:string" use="required"/>
                    <xs:attribute name="TIME_ALIGNABLE" type="xs:boolean"/>
                    <xs:attribute name="GRAPHIC_REFERENCES" type="xs:boolean"/>
                    <xs:attribute name="CONTROLLED_VOCABULARY_REF" type="xs:string"/>
                  </xs:complexType>
                </xs:element>
                <xs:element name="LANGUAGE" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:attribute name="LANG_ID" type="xs:ID" use="required"/>
                    <xs:attribute name="LANG_DEF" type="xs:string"/>
                    <xs:attribute name="LANG_LABEL" type="xs:string"/>
                  </xs:complexType>
                </xs:element>
                <xs:element name="CONTROLLED_VOCABULARY" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:sequence>
                      <xs:element name="DESCRIPTION" minOccurs="0" maxOccurs="unbounded" type="inLanguage"/>
                      <xs:element name="CV_ENTRY_ML" minOccurs="0" maxOccurs="unbounded">
                        <xs:complexType>
                          <xs:sequence>
                            <xs:element name="CVE_VALUE" maxOccurs="unbounded">
                              <xs:complexType><xs:simpleContent><xs:extension base="inLanguage"><xs:attribute name="DESCRIPTION" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
                            </xs:element>
                          </xs:sequence>
                          <xs:attribute name="CVE_ID" type="xs:string" use="required"/>
                        </xs:complexType>
                      </xs:element>
                    </xs:sequence>
                    <xs:attribute name="CV_ID" type="xs:string" use="required"/>
                  </xs:complexType>
                </xs:element>
              </xs:sequence>
              <xs:attribute name="AUTHOR" type="xs:string" use="required"/>
              <xs:attribute name="DATE" type="xs:dateTime" use="required"/>
              <xs:attribute name="FORMAT" type="xs:string"/>
              <xs:attribute name="VERSION" type="xs:string" use="required"/>
            </xs:complexType>
            <xs:key name="tier"><xs:selector xpath="TIER"/><xs:field xpath="@TIER_ID"/></xs:key>
            <xs:key name="type"><xs:selector xpath="LINGUISTIC_TYPE"/><xs:field xpath="@LINGUISTIC_TYPE_ID"/></xs:key>
            <xs:keyref name="typeOfTier" refer="type"><xs:selector xpath="TIER"/><xs:field xpath="@LINGUISTIC_TYPE_REF"/></xs:keyref>
            <xs:key name="vocabulary"><xs:selector xpath="CONTROLLED_VOCABULARY"/><xs:field xpath="@CV_ID"/></xs:key>
            <xs:keyref name="vocabularyOfType" refer="vocabulary"><xs:selector xpath="LINGUISTIC_TYPE"/><xs:field xpath="@CONTROLLED_VOCABULARY_REF"/></xs:keyref>
            <xs:key name="entry"><xs:selector xpath="CONTROLLED_VOCABULARY/CV_ENTRY_ML"/><xs:field xpath="@CVE_ID"/></xs:key>
            <xs:keyref name="entryOfAnnotation" refer="entry"><xs:selector xpath="TIER/ANNOTATION/ALIGNABLE_ANNOTATION"/><xs:field xpath="@CVE_REF"/></xs:keyref>
          </xs:element>
          <xs:complexType name="inLanguage"><xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="LANG_REF" type="xs:IDREF" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
        </xs:schema>
        """;
}
