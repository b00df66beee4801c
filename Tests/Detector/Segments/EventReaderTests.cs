using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Segments;

public sealed class EventReaderTests : IDisposable
{
    private const string Header = "frame,timestampMs,trackId,x,y,width,height,emotion,confidence,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral,shown,source\n";
    private const string Line = "0,0,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("events.jsonl", "Csv")]
    [InlineData("events.csv", "Csv")]
    [InlineData("events.csv", "ExcelCsv")]
    [InlineData("events.csv", "ExcelCsvWithDecimalCommas")]
    [InlineData("EVENTS.CSV", "Csv")]
    [InlineData("events.parquet", "Csv")]
    public void Read_WhatALogWrote_GivesItsFaces(string name, string format)
    {
        string path = folder.At(name);
        string source = "films, \"of\"; a\n<b> & Jürgen.mp4";
        using (var pixels = new Frame())
        using (IEventLog log = EventLog.Create(path, new StageTimings(), Enum.Parse<EventFormat>(format)))
        {
            FaceResult face = new(3, new Box(1, 2, 3, 4), TestScores.Of(Emotion.Happy, 0.75f));
            log.Write(pixels, new FrameResult(7, TimeSpan.FromSeconds(7 / 30.0), [face, face with { TrackId = 4, IsUncertain = true }], Source: source));
            log.Write(pixels, new FrameResult(8, TimeSpan.FromSeconds(8 / 30.0), [face with { Scores = TestScores.Of(Emotion.Sad, 0.4f), Emotion = Emotion.Sad }], Source: source));
        }

        Box box = name == "events.jsonl" ? new Box(1, 2, 3, 4) : default;
        Assert.Equal(
            [
                new ShownFace(source, 7, 233.333m, 3, "Happy", 0.75m) { Box = box }, new ShownFace(source, 7, 233.333m, 4, "Uncertain", 0.75m) { Box = box },
                new ShownFace(source, 8, 266.667m, 3, "Sad", 0.4m) { Box = box },
            ],
            new EventReader().Read(path));
    }

    [Fact]
    public void Read_SourcesThatAlternate_KeepTheirOwnOrder()
    {
        string path = folder.Write("events.csv", Header + Line + Line.Replace("a.mp4", "b.mp4", StringComparison.Ordinal) + "1,40" + Line[3..]);

        Assert.Equal(["a.mp4", "b.mp4", "a.mp4"], new EventReader().Read(path).Select(face => face.Source));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(Header, "")]
    [InlineData(Header + Line, "a.mp4")]
    [InlineData(Header + "\n" + Line + "\n", "a.mp4")]
    public void Read_FewLines_GivesTheirFaces(string text, string sources) =>
        Assert.Equal(sources, string.Join(' ', new EventReader().Read(folder.Write("events.csv", text)).Select(face => face.Source)));

    [Fact]
    public void Read_CsvOfAnotherProgram_MayQuoteItsHeaderAndEndLinesByCarriageReturns()
    {
        string path = folder.Write("events.csv", "\"note; of the coder\",source,frame,timestampMs,trackId,confidence,shown\r\n\"a\r\nb\",a.mp4,0,0,1,0.7,Happy\r\n");

        Assert.Equal([new ShownFace("a.mp4", 0, 0, 1, "Happy", 0.7m)], new EventReader().Read(path));
    }

    [Theory]
    [InlineData(Header + "0,0,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,\"a\nb.mp4\"\n0,0,1\n", "line 4 has 3 values, expected 18")]
    [InlineData("frame,time\n1,2\n", "the header has no column 'source'")]
    [InlineData(Header + "0,0,1,1,2,3\n", "line 2 has 6 values, expected 18")]
    [InlineData(Header + Line + "1,40,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.m", "line 3 is cut off")]
    [InlineData(Header + Line + "1,40,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,\"a.mp4\n", "line 3 is cut off")]
    [InlineData(Header + "0,soon,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: timestampMs is 'soon', expected a number")]
    [InlineData(Header + "0,0,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Joy,a.mp4\n", "line 2: shown is 'Joy', expected one of Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, Uncertain")]
    [InlineData(Header + "0,0,1,1,2,3,4,Happy,70,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: confidence must be between 0 and 1")]
    [InlineData(Header + "0,-5,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: frame 0 at -5 ms, expected")]
    [InlineData(Header + "0,1e13,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: frame 0 at 10000000000000 ms, expected")]
    [InlineData(Header + "0,0,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4,x\n", "line 2 has 19 values, expected 18")]
    [InlineData(Header + "-1,0,1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: frame -1 at 0 ms, expected")]
    [InlineData(Header + "0,0,1,1,2,3,4,Happy,-0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 2: confidence must be between 0 and 1")]
    [InlineData(Header + Line + "0,20,2,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n", "line 3: frame 0 at 20 ms of a.mp4 follows frame 0 at 0 ms")]
    [InlineData(Header + Line + Line, "line 3: face 1 is in frame 0 of a.mp4 twice")]
    [InlineData(Header + "5,200" + "," + "1,1,2,3,4,Happy,0.7,0.05,0.05,0.05,0.7,0.05,0.05,0.05,Happy,a.mp4\n" + Line, "line 3: frame 0 at 0 ms of a.mp4 follows frame 5 at 200 ms")]
    public void Read_UnusableCsv_SaysWhereAndWhy(string text, string expected) => AssertRefused("events.csv", text, expected);

    [Theory]
    [InlineData("{\"source\":\"a.mp4\",\"frame\":0,\"timest", "line 1 is cut off")]
    [InlineData("[1, 2]\n", "line 1 is cut off or not an event")]
    [InlineData("null\n", "line 1 has no 'source'")]
    [InlineData("{\"source\":\"a.mp4\",\"frame\":0,\"timestampMs\":0,\"shown\":\"Happy\",\"confidence\":0.5}\n", "line 1 has no 'trackId'")]
    [InlineData("{\"source\":\"a.mp4\",\"frame\":0,\"timestampMs\":40,\"trackId\":1,\"shown\":\"Happy\",\"confidence\":0.5}\n{\"source\":\"a.mp4\",\"frame\":1,\"timestampMs\":20,\"trackId\":1,\"shown\":\"Happy\",\"confidence\":0.5}\n",
        "line 2: frame 1 at 20 ms of a.mp4 follows frame 0 at 40 ms")]
    public void Read_UnusableJson_SaysWhereAndWhy(string text, string expected) => AssertRefused("events.jsonl", text, expected);

    [Fact]
    public void Read_OtherParquet_IsRefused() => AssertRefused("events.parquet", "PAR1 and no more", "truncated or damaged Parquet file");

    private void AssertRefused(string name, string text, string expected)
    {
        string path = folder.Write(name, text);

        Assert.StartsWith($"{path}: {expected}", Assert.Throws<InvalidDataException>(() => new EventReader().Read(path).Count()).Message, StringComparison.Ordinal);
    }
}
