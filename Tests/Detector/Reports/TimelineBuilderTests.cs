using MlNetEmotion.Detector.Reports;
using MlNetEmotion.Detector.Segments;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Reports;

public sealed class TimelineBuilderTests : IDisposable
{
    private static readonly Box Place = new(10, 10, 40, 20);

    private readonly Frame frame = Frame.FromPixels(new ImageView(new byte[100 * 80 * 3], 100, 80, PixelFormat.Bgr24));
    private readonly TimelineBuilder timeline = new(framesPerSecond: 10, keepThumbnails: false);
    private int frames;

    public void Dispose() => frame.Dispose();

    [Fact]
    public void Tell_ChangesOfAnswer_GiveSegmentsAndShares()
    {
        Add(0.0, Face(1, Emotion.Happy, 0.6f));
        Add(0.1, Face(1, Emotion.Happy, 0.8f));
        Add(0.2, Face(1, Emotion.Sad, 0.7f), Face(2, Emotion.Fear, 0.5f));
        Add(0.5, Face(1, Emotion.Sad, 0.2f) with { IsUncertain = true });
        Timeline built = timeline.Build();

        // The last frame lasts a tenth of a second, as the source says; a gap belongs to the answer before it.
        Assert.Equal((4, 2), (built.Frames, built.Faces));
        Assert.Equal(0.6, built.Seconds, 1e-9);
        Assert.Equal([1, 2], built.Tracks.Select(track => track.TrackId));
        AssertSegments([(0, 0.2, 3), (0.2, 0.5, 4), (0.5, 0.6, 7)], built.Tracks[0].Segments);
        AssertSegments([(0.2, 0.3, 2)], built.Tracks[1].Segments);
        Assert.Equal([0, 0, 0.1, 0.2, 0.3, 0, 0, 0.1], built.SecondsByLabel.Select(seconds => Math.Round(seconds, 9)));
    }

    [Fact]
    public void Tell_BestMoments_AreTheSurestOfEachEmotion()
    {
        Add(0.0, Face(1, Emotion.Happy, 0.6f));
        Add(0.1, Face(1, Emotion.Happy, 0.8f));
        Add(0.2, Face(2, Emotion.Happy, 0.7f), Face(3, Emotion.Sad, 0.9f) with { IsUncertain = true });

        TimelineMoment best = Assert.Single(timeline.Build().Best);
        Assert.Equal((3, 0.1, 1L, 1, null), (best.Label, best.Seconds, best.Frame, best.TrackId, best.Jpeg));
        Assert.Equal(0.8, best.Probability, 1e-6);
    }

    [Fact]
    public void Tell_ThumbnailsAskedFor_ShowTheFace()
    {
        var pictured = new TimelineBuilder(10, keepThumbnails: true);
        pictured.Write(frame, new FrameResult(0, TimeSpan.Zero, [Face(1, Emotion.Happy, 0.6f), Face(2, Emotion.Sad, 0.6f) with { Box = new Box(90, 70, 60, 60) }]));

        Assert.All(pictured.Build().Best, moment =>
        {
            using Frame image = Image.Decode(moment.Jpeg!);
            Assert.Equal((112, moment.TrackId == 1 ? 56 : 112), (image.Width, image.Height));    // 40x20, and 10x10 within the frame
        });
    }

    [Fact]
    public void Tell_ManyFaces_ShowsTheLongestAndCountsAll()
    {
        for (int i = 0; i < 200; i++)
        {
            Add(2 * i, Face(i, Emotion.Happy, 0.6f));
            if (i % 10 == 0)
            {
                Add((2 * i) + 0.5, Face(i, Emotion.Happy, 0.6f));
            }
        }

        Timeline built = timeline.Build();
        Assert.Equal((200, TimelineBuilder.MaxTracks), (built.Faces, built.Tracks.Count));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => 10 * i), built.Tracks.Select(track => track.TrackId).Where(id => id % 10 == 0));
    }

    [Fact]
    public void Best_OfEqualMoments_IsTheFirst()
    {
        Add(1, Face(1, Emotion.Happy, 0.6f));
        Add(2, Face(1, Emotion.Happy, 0.6f), Face(2, Emotion.Sad, 0.5f));

        Assert.Equal([(Emotion.Happy, 1.0, 1), (Emotion.Sad, 2.0, 2)], timeline.Build().Best.Select(moment => ((Emotion)moment.Label, moment.Seconds, moment.TrackId)));
    }

    [Fact]
    public void ToHtml_Story_ShowsItsDataAndLoadsNothing()
    {
        Add(0.0, Face(1, Emotion.Happy, 0.6f));
        string html = TimelinePage.ToHtml("</script><b>clip.mp4", timeline.Build());

        Assert.Contains("--answer-3: #fff50a;", html, StringComparison.Ordinal);
        Assert.Contains("<title>Face 1, Happy: 0.0 s to 0.1 s</title>", html, StringComparison.Ordinal);
        Assert.Contains("<title>Happy: 100.0&#160;%</title>", html, StringComparison.Ordinal);
        Assert.Contains("<strong>Happy 60.0&#160;%</strong>", html, StringComparison.Ordinal);
        Assert.Contains("<title>&lt;/script&gt;&lt;b&gt;clip.mp4</title>", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?i)<link\b|<iframe\b|<script\b|@import|\burl\(", html);
    }

    [Fact]
    public void ToHtml_Segments_AreATableOfTheFacesShown()
    {
        var segments = new SegmentBuilder(new() { MinSeconds = 0.15 });
        foreach ((double seconds, Emotion emotion) in new[] { (0.0, Emotion.Happy), (0.1, Emotion.Happy), (0.2, Emotion.Sad), (0.3, Emotion.Sad), (0.4, Emotion.Fear) })
        {
            Add(seconds, Face(1, emotion, 0.6f));
            segments.Write(frame, new FrameResult(frames - 1, TimeSpan.FromSeconds(seconds), [Face(1, emotion, 0.6f)]));
        }

        string html = TimelinePage.ToHtml("clip.mp4", timeline.Build(), segments.Build(), new() { MinSeconds = 0.15 });

        // 0.2 of 0.5 s each; Fear is too short.
        Assert.Contains("Runs of one emotion that last 0.15 s or more; gaps up to 0.2 s are bridged.", html, StringComparison.Ordinal);
        Assert.Contains("<tr><th>Face 1</th><td>Happy</td>\n<td>1</td>\n<td>40.0&#160;%</td>\n<td>0.2 s</td>\n<td>0.0 s</td>\n<td>Sad 1</td></tr>", html, StringComparison.Ordinal);
        Assert.Contains("<tr><th>Face 1</th><td>Sad</td>\n<td>1</td>\n<td>40.0&#160;%</td>\n<td>0.2 s</td>\n<td>0.2 s</td>\n<td></td></tr>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<td>Fear</td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void ToHtml_StillImages_ShowsTheirNamesAndNoSeconds()
    {
        var pictured = new TimelineBuilder(1, keepThumbnails: false, areStills: true);
        pictured.Write(frame, new FrameResult(0, TimeSpan.Zero, [Face(1, Emotion.Happy, 0.6f), Face(2, Emotion.Sad, 0.2f) with { IsUncertain = true }], Source: "holiday/a.jpg"));
        pictured.Write(frame, new FrameResult(0, TimeSpan.FromSeconds(2), [], Source: "holiday/sub/b.jpg"));
        string html = TimelinePage.ToHtml("holiday/", pictured.Build());

        Assert.Contains("2 images, 2 faces", html, StringComparison.Ordinal);
        Assert.Contains("<th>a.jpg</th><td>2</td>\n<td>Happy 60.0&#160;%, Uncertain</td>", html, StringComparison.Ordinal);
        Assert.Contains("<th>sub/b.jpg</th><td>0</td>\n<td></td>", html, StringComparison.Ordinal);
        Assert.Contains("title=\"holiday/a.jpg, frame 0, face 1\">in a.jpg</span>", html, StringComparison.Ordinal);
        Assert.Contains("<title>Happy: 50.0&#160;%</title>", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\d s\b", html);
    }

    private static FaceResult Face(int id, Emotion emotion, float confidence) => new(id, Place, TestScores.Of(emotion, confidence));

    private static void AssertSegments((double Start, double End, int Label)[] expected, IReadOnlyList<TimelineSegment> actual) => Assert.Equal(
        expected, actual.Select(segment => (Math.Round(segment.Start, 9), Math.Round(segment.End, 9), segment.Label)));

    private void Add(double seconds, params FaceResult[] faces) =>
        timeline.Write(frame, new FrameResult(frames++, TimeSpan.FromSeconds(seconds), [.. faces]));
}
