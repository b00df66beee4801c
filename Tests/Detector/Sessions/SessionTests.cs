using MlNetEmotion.Detector.Sessions;
using Xunit;
using static MlNetEmotion.Tests.Detector.Sessions.SessionFile;

namespace MlNetEmotion.Tests.Detector.Sessions;

public sealed class SessionTests
{
    [Fact]
    public void At_SpansThatOverlap_IsTheLastRows()
    {
        string rows = Correction(1, 0, 1000, "Neutral") + Correction(2, 0, 1000, "Fear") + Correction(1, 400, 800, "Sad") + "\n" + Correction(1, 600, 700, null, exclude: true)
            + Correction(1, 900, 1000, null);
        var corrections = Corrections.Read(rows.Split('\n'), "rows", new HashSet<int> { 1, 2 });

        Assert.Equal(
            [Emotion.Neutral, Emotion.Neutral, Emotion.Sad, Emotion.Sad, null, Emotion.Sad, Emotion.Neutral, null, null],
            new decimal[] { 0, 399.999m, 400, 599, 600, 700, 800, 900, 1000 }.Select(time => corrections.At(1, time)));
        Assert.Equal(Emotion.Fear, corrections.At(2, 600));
        Assert.Equal(5, corrections.Count);
    }

    // Events every 40 ms: a face a quarter of a second is each seventh (280 ms); of the second face, and of the first one's other emotion, by themselves.
    [Fact]
    public void Samples_OfCorrectedSpans_AreSomePerSecondOfFaceAndEmotion()
    {
        string events = string.Concat(Enumerable.Range(0, 25).Select(frame => Event(frame, 40 * frame) + Event(frame, 40 * frame, track: 2)));
        string rows = Correction(1, 40, 1000, "Neutral") + Correction(1, 400, 600, "Happy") + Correction(2, 500, 801, "Sad") + Correction(2, 800, 900, null, exclude: true);
        using var folder = new Trainer.Data.TemporaryFolder();
        Session session = Session.Read(new SessionFile { Events = events, Corrections = rows, Meta = Metadata(video: "null", names: """{"1":"Anna"}""") }.Write(folder));

        Assert.Equal(
            [(1, 40m, Emotion.Neutral), (1, 320, Emotion.Neutral), (1, 400, Emotion.Happy), (2, 520, Emotion.Sad), (1, 600, Emotion.Neutral), (1, 880, Emotion.Neutral)],
            FaceCollector.Samples(session, perSecond: 4).Select(sample => (sample.Face.TrackId, sample.Face.TimeMs, sample.Emotion)));
        Assert.Equal("Anna", session.Names[1]);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(events))), session.Hash);
    }

    // 0x32 is 50, less than a fifth of 256; 0x33 is 51.
    [Theory]
    [InlineData("32:Ann 33:Ben 99:Cid", "32")]
    [InlineData("32:Ann 33:Ben 99:ann", "32 99")]
    [InlineData("32:Ann 33:Ben 99:\tann", "32 99")]
    [InlineData("10:Ann 20:Ben 99:Cid", "10 20")]
    [InlineData("10:Ann 20:Ben", "10")]
    [InlineData("50:Ann 40:Ben 60:Cid", "40")]
    [InlineData("50:Ann 40:Ben,Ann 60:Ben,Cid 70:Cid", "")]
    [InlineData("50: 40: 60:", "40")]
    [InlineData("99:Ann 60:Ben 55:Ann,Ben 80:Cid", "55 60 99")]
    [InlineData("10:Ann", "")]
    public void Validation_IsByHash_AndKeepsNamesTogether(string sessions, string expected)
    {
        Session[] all = [.. sessions.Split(' ').Select(text => Read(text.Split(':')[0], text.Split(':')[1]))];

        Assert.Equal(expected, string.Join(' ', SessionSplit.Validation(all).Select(session => session.Hash).Order(StringComparer.Ordinal)));
        Assert.Equal(expected, string.Join(' ', SessionSplit.Validation([.. all.Reverse()]).Select(session => session.Hash).Order(StringComparer.Ordinal)));
    }
}
