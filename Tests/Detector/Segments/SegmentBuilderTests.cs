using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Detector.Segments;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Segments;

/// <summary>All values are calculated by hand.</summary>
public sealed class SegmentBuilderTests
{
    private static readonly SegmentOptions Any = new() { MinSeconds = 0, GapSeconds = 0 };

    [Fact]
    public void Build_RunOfOneEmotion_HasItsEndMeanAndFirstPeak()
    {
        // 10 frames/s; the last frame lasts as long as the one before it.
        SegmentTable table = Built(Any, Face(0, 0, "Happy", 0.5m), Face(1, 100, "Happy", 0.9m), Face(2, 200, "Happy", 0.9m), Face(3, 300, "Happy", 0.7m));

        FaceSegments face = Assert.Single(table.Faces);
        Assert.Equal(("clip.mp4", 1, 400m), (face.Source, face.TrackId, face.PresentMs));
        Assert.Equal([new Segment("Happy", 0, 400, 0.75m, 0.9m, 100, 4)], face.Segments);
        Assert.Equal(400, table.EndMs["clip.mp4"]);
        Assert.Empty(table.AssumedFrames);
    }

    [Fact]
    public void Build_ChangeOfEmotion_EndsAtTheNextFramesTime() => Assert.Equal(
        [("Happy", 0, 200, 2), ("Sad", 200, 300, 1), ("Happy", 300, 400, 1)],
        Segments(Any, Face(0, 0, "Happy"), Face(1, 100, "Happy"), Face(2, 200, "Sad"), Face(3, 300, "Happy")));

    // Frames of 40, 300 and 33.367 ms, as of a screen recording.
    [Fact]
    public void Build_VariableFrameRate_CountsEachFramesOwnDuration()
    {
        SegmentTable table = Built(Any, Face(0, 0, "Happy"), Face(1, 40, "Sad"), Face(2, 340, "Sad"), Face(3, 373.367m, "Happy"));

        Assert.Equal([("Happy", 0m, 40m), ("Sad", 40m, 373.367m), ("Happy", 373.367m, 406.734m)], table.Faces[0].Segments.Select(segment => (segment.Emotion, segment.StartMs, segment.EndMs)));
        Assert.Equal(406.734m, table.Faces[0].PresentMs);
    }

    // Frames 1 to 3 have no face: frame 0 lasts (400 - 0) / 4 ms.
    [Fact]
    public void Build_FramesWithoutAFace_ShareTheTimeEqually() => Assert.Equal(
        [("Happy", 0, 100, 1), ("Happy", 400, 600, 2)], Segments(Any, Face(0, 0, "Happy"), Face(4, 400, "Happy"), Face(5, 500, "Happy")));

    // Another face shows that frame 1 comes 50 ms after frame 0.
    [Fact]
    public void Build_FrameWithAnotherFace_EndsTheOneBefore() => Assert.Equal(
        [("Happy", 0, 50, 1)], Built(Any, Face(0, 0, "Happy"), Face(1, 50, "Sad", track: 2), Face(2, 400, "Sad", track: 2)).Faces[0].Segments.Select(Simple));

    [Theory]
    [InlineData(0.2, "0-700")]    // 300 to 500 ms
    [InlineData(0.199, "0-300 500-700")]
    [InlineData(0, "0-300 500-700")]
    public void Build_FaceThatLeavesAndComesBack_IsBridgedUpToTheGap(double gap, string expected)
    {
        SegmentTable table = Built(
            new() { MinSeconds = 0, GapSeconds = gap },
            Face(0, 0, "Happy"), Face(1, 100, "Happy"), Face(2, 200, "Happy"), Face(5, 500, "Happy"), Face(6, 600, "Happy"));

        Assert.Equal(expected, Spans(table));
        Assert.Equal(5, table.Faces[0].Segments.Sum(segment => segment.Frames));    // bridged frames are not counted
        Assert.Equal(gap == 0.2 ? 700 : 500, table.Faces[0].PresentMs);
    }

    [Theory]
    [InlineData(0.1, "0-300")]
    [InlineData(0.05, "0-100 200-300")]
    public void Build_UncertainFrames_AreAGap(double gap, string expected)
    {
        SegmentTable table = Built(new() { MinSeconds = 0, GapSeconds = gap }, Face(0, 0, "Happy", 0.6m), Face(1, 100, "Uncertain", 0.99m), Face(2, 200, "Happy", 0.8m));

        Assert.Equal(expected, Spans(table));
        Assert.Equal(300, table.Faces[0].PresentMs);    // the uncertain frame has the face
        Assert.Equal(0.7m, table.Faces[0].Segments.Average(segment => segment.MeanProbability));
        Assert.Equal(0.8m, table.Faces[0].Segments[^1].PeakProbability);
    }

    // Happy, 100 ms uncertain and 100 ms absent, Happy: 200 ms of a gap, half of which has the face.
    [Fact]
    public void Build_GapOfBothKinds_CountsAbsenceOnce()
    {
        SegmentTable table = Built(
            new() { MinSeconds = 0, GapSeconds = 0.2 }, Face(0, 0, "Happy"), Face(1, 100, "Uncertain"), Face(2, 200, "Sad", track: 2), Face(3, 300, "Happy"));

        Assert.Equal(("0-400", 400m), (Spans(table.Of("clip.mp4") with { Faces = [table.Faces[0]] }), table.Faces[0].PresentMs));
    }

    // Frame 4 is without the face; uncertain frames before the run and in its first gap have nothing to do with that gap.
    [Fact]
    public void Build_SeveralGaps_CountEachByItself()
    {
        SegmentTable table = Built(
            new() { MinSeconds = 0, GapSeconds = 0.2 },
            Face(0, 0, "Uncertain"), Face(1, 100, "Happy"), Face(2, 200, "Uncertain"), Face(3, 300, "Happy"), Face(4, 400, "Sad", track: 2), Face(5, 500, "Happy"));

        Assert.Equal(("100-600", 600m, 3L), (Spans(table), table.Faces[0].PresentMs, table.Faces[0].Segments[0].Frames));
    }

    [Fact]
    public void Build_OtherEmotionInTheGap_IsNeverBridged()
    {
        var options = new SegmentOptions { MinSeconds = 0.15, GapSeconds = 10 };

        // Also if the other emotion's segment is too short to be kept.
        Assert.Equal([("Happy", 0, 200, 2), ("Happy", 300, 500, 2)], Segments(
            options, Face(0, 0, "Happy"), Face(1, 100, "Happy"), Face(2, 200, "Sad"), Face(3, 300, "Happy"), Face(4, 400, "Happy")));
    }

    // After a cut the tracker gives a new number.
    [Fact]
    public void Build_NewTrack_BeginsASegment()
    {
        SegmentTable table = Built(new() { MinSeconds = 0, GapSeconds = 10 }, Face(0, 0, "Happy"), Face(1, 100, "Happy", track: 2));

        Assert.Equal([(1, 0m, 100m), (2, 100m, 200m)], table.Faces.Select(face => (face.TrackId, face.Segments[0].StartMs, face.Segments[0].EndMs)));
    }

    [Theory]
    [InlineData(0.3, 1)]
    [InlineData(0.301, 0)]
    public void Build_MinimumDuration_IsInclusive(double min, int expected)
    {
        SegmentTable table = Built(new() { MinSeconds = min, GapSeconds = 0 }, Face(0, 0, "Happy"), Face(1, 100, "Happy"), Face(2, 200, "Happy"));

        Assert.Equal((expected, 300m), (table.Count, Assert.Single(table.Faces).PresentMs));
    }

    [Fact]
    public void Build_Defaults_AreHalfASecondAndAFifth() => Assert.Equal((0.5, 0.2), (new SegmentOptions().MinSeconds, new SegmentOptions().GapSeconds));

    [Fact]
    public void Build_OnlyFrame_LastsTheDefaultAndIsReported()
    {
        SegmentTable table = Built(Any, Face(7, 280, "Sad", 0.4m));

        Assert.Equal([new Segment("Sad", 280, 320, 0.4m, 0.4m, 280, 1)], table.Faces[0].Segments);
        Assert.Equal(["clip.mp4"], table.AssumedFrames);
    }

    [Fact]
    public void Build_OnlyFrameOfASlowSource_LastsASecondAtMost()
    {
        var builder = new SegmentBuilder(Any, defaultFrameMs: 2000);
        builder.Add(Face(0, 0, "Sad"));

        Assert.Equal(1000, builder.Build().EndMs["clip.mp4"]);
    }

    // Frames 2 and 3 have the time of frame 1: they last 0 ms, and the last one 40 ms, as the last frame that lasted.
    [Fact]
    public void Build_TimesThatStandStill_CountOnce()
    {
        SegmentTable table = Built(Any, Face(0, 0, "Happy"), Face(1, 40, "Happy"), Face(2, 40, "Sad"), Face(3, 40, "Happy"));

        Assert.Equal([("Happy", 0, 40, 2), ("Happy", 40, 80, 1)], table.Faces[0].Segments.Select(Simple));
        Assert.Equal(80, table.Faces[0].PresentMs);
    }

    // Of a camera whose clock is set back.
    [Fact]
    public void Build_TimesThatGoBack_DoNotOverlap() => Assert.Equal(
        [("Happy", 0, 100, 1), ("Sad", 100, 300, 3)], Segments(Any, Face(0, 0, "Happy"), Face(1, 100, "Sad"), Face(2, 50, "Sad"), Face(3, 200, "Sad")));

    // A camera that failed for 10 s: the frame before lasts a second.
    [Fact]
    public void Build_LongPause_IsNotPartOfASegment() => Assert.Equal(
        [("Happy", 0, 1100, 2), ("Happy", 10100, 11100, 1)], Segments(Any, Face(0, 0, "Happy"), Face(1, 100, "Happy"), Face(2, 10_100, "Happy")));

    [Fact]
    public void Write_FramesOfARun_GiveTheSameAsTheirEvents()
    {
        var run = new SegmentBuilder(Any, 25);
        using var pixels = new Frame();
        run.Write(pixels, new FrameResult(0, TimeSpan.Zero, [new FaceResult(1, default, TestScores.Of(Emotion.Happy, 0.6f))], Source: "a"));
        run.Write(pixels, new FrameResult(1, TimeSpan.FromSeconds(1 / 30.0), [], Source: "a"));
        run.Write(pixels, new FrameResult(2, TimeSpan.FromSeconds(2 / 30.0), [new FaceResult(1, default, TestScores.Of(Emotion.Happy, 0.8f)) { IsUncertain = true }], Source: "a"));
        SegmentTable table = run.Build();

        // Frame 2 is at 66.667 ms, so frame 0 lasts half of that.
        Assert.Equal([new Segment("Happy", 0, 33.334m, 0.6m, 0.6m, 0, 1)], table.Faces[0].Segments);
        Assert.Equal(100.001m, table.EndMs["a"]);
    }

    [Fact]
    public void Summary_OfAFace_HasSharesOnsetsAndFollowers()
    {
        SegmentTable table = Built(
            Any, Face(0, 0, "Sad"), Face(1, 100, "Happy"), Face(2, 200, "Happy"), Face(3, 300, "Uncertain"), Face(4, 400, "Sad"), Face(5, 500, "Happy"), Face(6, 600, "Neutral"), Face(7, 700, "Happy"));
        EmotionSummary[] summary = [.. EmotionSummary.Of(table.Faces[0])];

        // Of 800 ms: Happy 200 + 100 + 100, Sad 100 + 100, Neutral 100.
        Assert.Equal(
            [("Happy", 3, 400m, 0.5m, 100m), ("Sad", 2, 200m, 0.25m, 0m), ("Neutral", 1, 100m, 0.125m, 600m)],
            summary.Select(emotion => (emotion.Emotion, emotion.Segments, emotion.DurationMs, emotion.Share, emotion.FirstMs)));
        Assert.Equal([400 / 3m, 100m, 100m], summary.Select(emotion => emotion.MeanDurationMs));
        Assert.Equal(
            ["Sad 1, Neutral 1", "Happy 2", "Happy 1"],
            summary.Select(emotion => string.Join(", ", emotion.Next.Where(next => next.Value > 0).Select(next => $"{next.Key} {next.Value}"))));
    }

    internal static ShownFace Face(long frame, decimal ms, string shown, decimal probability = 0.5m, int track = 1, string source = "clip.mp4") =>
        new(source, frame, ms, track, shown, probability);

    /// <summary>The segments of a file of events, with the default settings.</summary>
    internal static string CsvOf(string events) => SegmentTables.ToCsv(Built(new SegmentOptions(), [.. new EventReader().Read(events)]), CsvDialect.Of(EventFormat.Csv));

    internal static SegmentTable Built(SegmentOptions options, params ShownFace[] faces)
    {
        var builder = new SegmentBuilder(options);
        Array.ForEach(faces, face => builder.Add(face));
        return builder.Build();
    }

    private static IEnumerable<(string, int, int, int)> Segments(SegmentOptions options, params ShownFace[] faces) => Assert.Single(Built(options, faces).Faces).Segments.Select(Simple);

    private static (string, int, int, int) Simple(Segment segment) => (segment.Emotion, (int)segment.StartMs, (int)segment.EndMs, (int)segment.Frames);

    private static string Spans(SegmentTable table) => string.Join(' ', table.Faces[0].Segments.Select(segment => FormattableString.Invariant($"{segment.StartMs:0}-{segment.EndMs:0}")));
}
