using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Segments;

public sealed class SegmentsCommandTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("events.jsonl")]
    [InlineData("events.csv")]
    [InlineData("events.parquet")]
    public async Task Run_WithEvents_GivesTheSameSegmentsAsItsEvents(string name)
    {
        string events = folder.At(name), live = folder.At("live.csv"), liveSummary = folder.At("live.summary.csv"), report = folder.At("report.html");
        string[] settings = ["--segment-min", "0.08", "--segment-gap", "0.04"];
        (int exitCode, string output, string error) = await DetectorProcess.Run(
            ["--demo", "--headless", "--model", Model, "--max-frames", "40", "--events", events, "--segments", live, "--summary", liveSummary, "--report", report, .. settings]);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.EndsWith($"; wrote {events}, {report}, {live}, {liveSummary}\n", output, StringComparison.Ordinal);

        (exitCode, _, error) = await DetectorProcess.RunInProcess(["segments", events, "--output", folder.At("later.csv"), "--summary", folder.At("later.summary.csv"), .. settings]);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(File.ReadAllText(live), File.ReadAllText(folder.At("later.csv")));
        Assert.Equal(File.ReadAllText(liveSummary), File.ReadAllText(folder.At("later.summary.csv")));
        Assert.StartsWith("source,trackId,emotion,segments,", File.ReadAllText(liveSummary), StringComparison.Ordinal);
        Assert.InRange(File.ReadAllLines(live).Length, 2, 61);
        Assert.Contains("Runs of one emotion that last 0.08 s or more; gaps up to 0.04 s are bridged.", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_OfVideos_WritesEachItsOwn()
    {
        string clips = folder.CreateFolder("clips");
        VideoFile.Write(Path.Combine(clips, "a.avi"), 3);
        VideoFile.Write(Path.Combine(clips, "b.avi"), 3);
        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--headless", "--model", Model, "--cropped", "--input", clips, "--segments", folder.At("results/{name}.eaf"), "--summary", folder.At("results"), "--segment-min", "0");

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(["a.eaf", "a.summary.csv", "b.eaf", "b.summary.csv"], Directory.GetFiles(folder.At("results")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("RELATIVE_MEDIA_URL=\"../clips/b.avi\"", File.ReadAllText(folder.At("results/b.eaf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_WithSegments_AreRefused()
    {
        string image = folder.WriteImage("face.png", 120, 120, 128);
        (int exitCode, _, string error) = await DetectorProcess.Run("--headless", "--model", Model, "--input", image, "--segments", folder.At("s.csv"));

        Assert.Equal(2, exitCode);
        Assert.Equal($"{folder.At("s.csv")}: {image} has still images, which have no duration. Segments need a video; leave out '--segments' and '--summary'.\n", error);
        Assert.False(File.Exists(folder.At("s.csv")));
    }

    [Fact]
    public async Task Segments_OfSeveralSources_AreNamedByThem()
    {
        string events = folder.Write("events.jsonl", Event("films/a.mp4", 0) + Event("films/a.mp4", 1) + Event("b.mp4", 0) + Event("b.mp4", 1));
        (int exitCode, string output, _) = await Run(events, "{name}.srt", "--segment-min", "0");

        Assert.Equal(0, exitCode);
        Assert.Equal($"2 segments of 2 faces in 2 sources; wrote {folder.At("a.srt")}, {folder.At("b.srt")}\n", output);
        Assert.Equal("1\n00:00:00,000 --> 00:00:00,080\nFace 1: Happy\n\n", File.ReadAllText(folder.At("b.srt")));
        Assert.Contains("subtitles of 2 sources. Give each its own file by a name such as '{name}.vtt'.", (await Run(events, "all.vtt")).Error, StringComparison.Ordinal);
        Assert.Contains("--media names one video, but the events are of 2 sources.", (await Run(events, "all.eaf", "--media", events)).Error, StringComparison.Ordinal);

        (exitCode, _, string error) = await Run(events, "all.eaf", "--segment-min", "0");
        Assert.Equal((0, 2), (exitCode, error.Split('\n').Count(line => line.EndsWith("not found here, so ELAN will not find it either. Name the video with '--media'.", StringComparison.Ordinal))));
        Assert.Contains("TIER_ID=\"films/a.mp4: Face 1\"", File.ReadAllText(folder.At("all.eaf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segments_NoneLongEnough_SaysSo()
    {
        (int exitCode, string output, string error) = await Run(folder.Write("events.jsonl", Event("a.mp4", 0) + Event("a.mp4", 1)), "s.TextGrid");

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal($"0 segments of 0 faces in 1 source, since none lasts 0.5 s ('--segment-min'); wrote {folder.At("s.TextGrid")}\n", output);
    }

    [Fact]
    public async Task Segments_OfOneFrame_SayWhatTheyAssume()
    {
        (int exitCode, _, string error) = await Run(folder.Write("events.jsonl", Event("a.mp4", 3)), "s.csv", "--segment-min", "0");

        Assert.Equal((0, "a.mp4: the duration of its only frame is not known; 40 ms are assumed.\n"), (exitCode, error));
    }

    [Theory]
    [InlineData("missing.jsonl", "s.csv", "", "missing.jsonl: no such file.")]
    [InlineData("events.jsonl", "s.pdf", "", "s.pdf: this result is written as .csv or .eaf or .TextGrid or .vtt or .srt or .tsv")]
    [InlineData("events.jsonl", "there.csv", "", "there.csv: exists already. Add '--force'")]
    [InlineData("events.jsonl", "s.eaf", "--media missing.mp4", "missing.mp4: no such file. Name the video")]
    [InlineData("events.jsonl", "s.csv", "--media there.csv", "s.csv: only ELAN's files link a video.")]
    [InlineData("events.jsonl", "s.eaf", "--csv-excel comma", "'--csv-excel' needs events as CSV")]
    [InlineData("events.jsonl", "s.csv", "--summary s.csv", "s.csv: named twice.")]
    [InlineData("events.jsonl", "s.csv", "--summary s.html", "s.html: this result is written as .csv")]
    [InlineData("empty.csv", "s.csv", "", "empty.csv: no events.")]
    [InlineData("still.jsonl", "s.csv", "", "still.jsonl: has events of photo.jpg, a still image")]
    [InlineData("there.csv", "s.csv", "", "there.csv: the header has no column 'source'")]
    public async Task Segments_Unusable_SaysWhatToDo(string events, string output, string more, string expected)
    {
        folder.Write("events.jsonl", Event("a.mp4", 0) + Event("a.mp4", 1));
        folder.Write("still.jsonl", Event("photo.jpg", 0));
        folder.Write("empty.csv", "");
        folder.Write("there.csv", "old\n");
        (int exitCode, _, string error) = await Run(
            folder.At(events), output, [.. more.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Contains('.', StringComparison.Ordinal) ? folder.At(word) : word)]);

        Assert.Equal((2, 1), (exitCode, error.Count(character => character == '\n')));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal("old\n", File.ReadAllText(folder.At("there.csv")));
        Assert.False(File.Exists(folder.At("s.csv")) || File.Exists(folder.At("s.eaf")));
    }

    [Fact]
    public async Task Segments_ToStandardOutput_AreRefused() => Assert.Equal(
        (2, "", "segments and their summary are complete at the end only: name a file instead of '-'.\n"),
        await DetectorProcess.RunInProcess("segments", folder.Write("events.jsonl", Event("a.mp4", 0)), "--output", "-"));

    private static string Event(string source, int frame) =>
        $$"""{"source":"{{source}}","frame":{{frame}},"timestampMs":{{40 * frame}},"trackId":1,"emotion":"Happy","shown":"Happy","confidence":0.5}""" + "\n";

    private Task<(int ExitCode, string Output, string Error)> Run(string events, string output, params string[] more) =>
        DetectorProcess.RunInProcess(["segments", events, "--output", folder.At(output), .. more]);
}
