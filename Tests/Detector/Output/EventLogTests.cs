using MlNetEmotion.Detector.Frames;
using System.Text;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Trainer.Data;
using MlNetEmotion.Programs;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Output;

public sealed class EventLogTests
{
    private static readonly FaceResult Face = new(
        3, new Box(10, 20, 96, 97), new EmotionScores([0.000031f, 0.01f, 0.02f, 0.75f, 0.0625f, 0.125f, 0.032469f]))
    {
        Pose = new HeadPose(-12.34, 0.06, 179.96),
        Quality = new FaceQuality(97, 0.4567, 0.5),
    };

    private static readonly FrameResult Result = new(7, TimeSpan.FromSeconds(7 / 30.0), [Face], Source: "films/Jürgen.mp4");

    [Fact]
    public void Write_JsonLines_IsTheContractsObject()
    {
        const string Expected = """
            {"source":"films/Jürgen.mp4","frame":7,"timestampMs":233.333,"trackId":3,"box":{"x":10,"y":20,"width":96,"height":97},"emotion":"Happy","shown":"Happy","confidence":0.75,"probabilities":{"Angry":0.000031,"Disgust":0.01,"Fear":0.02,"Happy":0.75,"Sad":0.0625,"Surprise":0.125,"Neutral":0.032469},"pose":{"yaw":-12.3,"pitch":0.1,"roll":180},"quality":{"sidePixels":97,"sharpness":0.457,"light":0.5},"reason":null}
            """;

        Assert.Equal(Expected + "\n", Written(EventFormat.JsonLines));
    }

    [Fact]
    public void Write_Csv_HasTheHeadersColumns()
    {
        const string Expected = """
            frame,timestampMs,trackId,x,y,width,height,emotion,confidence,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral,shown,source,yaw,pitch,roll,sidePixels,sharpness,light,reason
            7,233.333,3,10,20,96,97,Happy,0.75,0.000031,0.01,0.02,0.75,0.0625,0.125,0.032469,Happy,films/Jürgen.mp4,-12.3,0.1,180,97,0.457,0.5,
            """;

        Assert.Equal(Expected + "\n", Written(EventFormat.Csv));
    }

    [Theory]
    [InlineData("ExcelCsv", "\uFEFFframe,timestampMs,trackId,x,y,width,height,emotion,confidence,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral,shown,source,yaw,pitch,roll,sidePixels,sharpness,light,reason\n"
        + "7,233.333,3,10,20,96,97,Happy,0.75,0.000031,0.01,0.02,0.75,0.0625,0.125,0.032469,Happy,\"films, of.a;b/Jürgen.mp4\",-12.3,0.1,180,97,0.457,0.5,\n")]
    [InlineData("ExcelCsvWithDecimalCommas", "\uFEFFframe;timestampMs;trackId;x;y;width;height;emotion;confidence;Angry;Disgust;Fear;Happy;Sad;Surprise;Neutral;shown;source;yaw;pitch;roll;sidePixels;sharpness;light;reason\n"
        + "7;233,333;3;10;20;96;97;Happy;0,75;0,000031;0,01;0,02;0,75;0,0625;0,125;0,032469;Happy;\"films, of.a;b/Jürgen.mp4\";-12,3;0,1;180;97;0,457;0,5;\n")]
    public void Write_CsvForExcel_HasAByteOrderMarkAndItsDecimals(string format, string expected) =>
        Assert.Equal(expected, Written(Enum.Parse<EventFormat>(format), Result with { Source = "films, of.a;b/Jürgen.mp4" }));

    [Theory]
    [InlineData("a,b.mp4", "a,b.mp4")]
    [InlineData("a;b.mp4", "\"a;b.mp4\"")]
    public void Write_CsvWithSemicolons_QuotesThese(string name, string expected) =>
        Assert.Contains($";Happy;{expected};", Written(EventFormat.ExcelCsvWithDecimalCommas, Result with { Source = name }), StringComparison.Ordinal);

    [Fact]
    public void Write_UncertainFace_CarriesWhatIsShownBesideTheEmotion()
    {
        FrameResult uncertain = Result with { Faces = [Face with { IsUncertain = true, Doubt = FaceDoubt.NoClearExpression, Pose = null }] };

        Assert.Contains("""
            "emotion":"Happy","shown":"Uncertain","confidence":0.75
            """, Written(EventFormat.JsonLines, uncertain), StringComparison.Ordinal);
        Assert.EndsWith(
            """
            "pose":null,"quality":{"sidePixels":97,"sharpness":0.457,"light":0.5},"reason":"noClearExpression"}

            """, Written(EventFormat.JsonLines, uncertain), StringComparison.Ordinal);
        Assert.EndsWith(",Uncertain,films/Jürgen.mp4,,,,97,0.457,0.5,noClearExpression\n", Written(EventFormat.Csv, uncertain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b.mp4", "\"a,b.mp4\"")]
    [InlineData("the \"end\".mp4", "\"the \"\"end\"\".mp4\"")]    // RFC 4180
    public void Write_CsvWithAnOddName_QuotesIt(string name, string expected) =>
        Assert.Contains($",Happy,{expected},", Written(EventFormat.Csv, Result with { Source = name }), StringComparison.Ordinal);

    [Fact]
    public void Write_Frames_GiveALineAFace()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "events.CSV");
        using var pixels = new Frame();
        using (IEventLog log = EventLog.Create(path, new StageTimings()))
        {
            log.Write(pixels, Result with { Faces = [Face, Face] });
            log.Write(pixels, Result with { Faces = [] });
            log.Write(pixels, Result with { Frame = 9 });
            Assert.Equal(4, ReadShared(path).Count(c => c == '\n'));    // readable while the log is still open
        }

        Assert.Equal(["frame", "7", "7", "9"], File.ReadAllLines(path).Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("events.txt", ".jsonl or .csv")]
    [InlineData("/no/such/folder/events.jsonl", "cannot be written")]
    public void Create_UnusablePath_SaysWhatToDo(string path, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => EventLog.Create(path, new StageTimings())).Message, StringComparison.Ordinal);

    private static string Written(EventFormat format, FrameResult? result = null)
    {
        using var stream = new MemoryStream();
        using var pixels = new Frame();
        using (var log = new EventLog(stream, format, new StageTimings()))
        {
            log.Write(pixels, result ?? Result);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
