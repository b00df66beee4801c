using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Sessions;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Images;
using MlNetEmotion.Tests.Detector.Pipeline;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Trainer.Data;
using OpenCvSharp;
using Xunit;
using static MlNetEmotion.Tests.Detector.Sessions.SessionFile;

namespace MlNetEmotion.Tests.Detector.Sessions;

public sealed class CollectCommandTests : IDisposable
{
    private const string Elsewhere = "events and video are of different recordings.";
    private const string Middle = """{"x":8,"y":8,"width":80,"height":80}""";
    private readonly TemporaryFolder folder = new();

    private string Output => folder.At("faces");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Collect_TwoSessions_WritesThemToDifferentSplits()
    {
        byte[] video = DemoClip(frames: 12);
        string one = new SessionFile { VideoContent = video, Events = EventsOf(12), Corrections = Correction(1, 0, 480, "Neutral") }.Write(folder, "one.zip");
        string two = new SessionFile { VideoContent = video, Events = EventsOf(12, track: 3, source: "other"), Corrections = Correction(3, 200, 480, "Disgust") }.Write(folder, "two.zip");
        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess("collect", one, two, "--output", Output, "--per-second", "25");

        Assert.Equal(("", 0), (error, exitCode));
        (string kept, string heldOut) = string.CompareOrdinal(Session.Read(one).Hash, Session.Read(two).Hash) > 0 ? (one, two) : (two, one);
        Assert.Matches($"^{kept}: [0-9]+ faces? for train \\([0-9]+ nearly identical and 0 not found were left out\\)$", output.Split('\n').Single(line => line.StartsWith(kept, StringComparison.Ordinal)));
        Assert.Contains($"{heldOut}: ", output, StringComparison.Ordinal);
        string[] files = Directory.GetFiles(Output, "*", SearchOption.AllDirectories);
        Assert.All(files, file => Assert.Equal(
            Path.Combine(file.Contains(Session.Read(kept).Hash[..12], StringComparison.Ordinal) ? "train" : "validation", file.Contains(Session.Read(one).Hash[..12], StringComparison.Ordinal) ? "neutral" : "disgust"),
            Path.GetRelativePath(Output, Path.GetDirectoryName(file)!)));
        Assert.Equal(48, ImageFile.Load(files[0]).View.Width);
        Assert.Contains(Path.Combine("neutral", $"{Session.Read(one).Hash[..12]}-1-0.png"), string.Join(' ', files), StringComparison.Ordinal);
        Assert.Contains(Path.Combine("disgust", $"{Session.Read(two).Hash[..12]}-3-200.png"), string.Join(' ', files), StringComparison.Ordinal);

        (exitCode, _, error) = await DetectorProcess.RunInProcess("collect", one, "--output", Output);
        Assert.Equal((2, $"{Output}: is a file, or a folder that is not empty. Name another folder with '--output', or write into it with '--force'.\n"), (exitCode, error));
        (exitCode, _, error) = await DetectorProcess.RunInProcess("collect", one, "--output", Output, "--force");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("no session is held out, since all may show the same people: ", error, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Output, "*", SearchOption.AllDirectories), file => Assert.Contains(Path.Combine("train", "neutral"), file, StringComparison.Ordinal));
    }

    // Stripes across the face for ten frames, then stripes down it, then again across: 25 samples of 3 different pictures, of which the third is the first.
    [Fact]
    public void Collect_FacesLikeEarlierOnes_AreLeftOut()
    {
        string rows = Correction(1, 0, 1000, "Neutral") + Correction(1, 880, 1000, "Sad");
        using var detector = new FixedDetector(new Box(10, 8, 80, 80));
        CollectedFaces found = Collect(detector, EventsOf(25, box: Middle), rows);

        Assert.Equal([(0m, Emotion.Neutral), (400, Emotion.Neutral), (880, Emotion.Sad)], found.Faces.Select(face => (face.TimeMs, face.Emotion)));
        Assert.Equal((22, 0), (found.Similar, found.NotFound));
        Assert.Equal(25, detector.Calls);
    }

    [Fact]
    public void Collect_TwoFacesThatLookAlike_AreBothKept()
    {
        using var detector = new FixedDetector(new Box(10, 8, 80, 80));
        CollectedFaces found = Collect(
            detector, Event(0, 0, 1, Middle) + Event(0, 0, 2, Middle) + Event(1, 40, 1, Middle), Correction(1, 0, 1000, "Neutral") + Correction(2, 0, 1000, "Neutral"));

        Assert.Equal([1, 2], found.Faces.Select(face => face.Track));
        Assert.Equal(1, found.Similar);
    }

    // A browser's times are not the file's: of 379 and 381 ms, the nearest frames are those of 360 and 400 ms, between which the picture changes to stripes down
    // the face and back.
    [Fact]
    public void Collect_TimesBetweenFrames_TakesTheNearestFrame()
    {
        using var detector = new FixedDetector(new Box(10, 8, 80, 80));
        CollectedFaces found = Collect(
            detector, Event(8, 340, 1, Middle) + Event(9, 379, 1, Middle) + Event(10, 381, 1, Middle) + Event(20, 779, 1, Middle), Correction(1, 0, 1000, "Neutral"));

        Assert.Equal([340m, 381], found.Faces.Select(face => face.TimeMs));
        Assert.Equal(2, found.Similar);
    }

    // The corner's box ends with the frame.
    [Fact]
    public void Collect_HalfOfTheFacesNotFound_IsAccepted_AndMoreIsNot()
    {
        string corner = """{"x":76,"y":76,"width":20,"height":20}""";
        string half = Event(0, 0, 1, Middle) + Event(1, 40, 1, corner), rows = Correction(1, 0, 1000, "Neutral");
        using var detector = new FixedDetector(new Box(10, 8, 80, 80));
        CollectedFaces found = Collect(detector, half, rows);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Collect(detector, half + Event(2, 80, 1, corner), rows));

        Assert.Equal((1, 1), (found.Faces.Count, found.NotFound));
        Assert.Equal($"stripes.avi: at 2 of 3 places where the events have a face, the video has none: {Elsewhere}", error.Message);
    }

    public static TheoryData<string, string> BadFiles => new()
    {
        { "version", "a session of version 2, expected 1. Use the version of this program that saved it, or save it again with this one." },
        { "format", "meta.json is not that of a session (The given key was not present in the dictionary). Save the session again." },
        { "path", "has an entry '../evil.txt', but a session's files are not in folders. It is not a session that the page saved; nothing was extracted." },
        { "backslash", @"has an entry '..\evil.txt', but a session's files are not in folders. It is not a session that the page saved; nothing was extracted." },
        { "twice", "has 'META.json' twice, expected once. Save the session again." },
        { "no events", "has no events.jsonl, so it is not a session that the page saved." },
        { "no video", "meta.json names the video 'video.avi', which the zip lacks. Save the session again." },
        { "clock", "events.jsonl: line 3: frame 2 at 30 ms of clip follows frame 1 at 40 ms: the events are not in their order, or of two runs. Sort them by source and frame, or name one run's." },
        { "flat", "events.jsonl: face 1 of frame 0 has no box: expected events as '--events' writes them." },
        { "boxless", "events.jsonl: face 1 of frame 0 has no box: expected events as '--events' writes them." },
        { "sources", "events.jsonl has events of several sources, expected those of one recording." },
        { "emotion", "corrections.jsonl: line 1: emotion is 'Calm', expected one of Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral, or null." },
        { "span", "corrections.jsonl: line 1: a span from 500 to 500 ms, expected an end after the start, both since the first frame." },
        { "face", "corrections.jsonl: line 2: corrects face 7, which the events lack: the corrections are of another session." },
        { "cut row", "corrections.jsonl: line 1 is cut off or not a correction as the page saves it. If it is the last line, remove it." },
        { "size", "video.avi: has frames of 64x48 pixels, but the events' faces reach to 192x284: " + Elsewhere },
        { "end", "video.avi: ends at 0.4 s, but the events at 2.0 s: " + Elsewhere },
        { "no face", "video.avi: at 3 of 3 places where the events have a face, the video has none: " + Elsewhere },
        { "text", "video.avi: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI." },
    };

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public async Task Collect_UnusableSession_SaysSoAndWritesNothing(string fault, string expected)
    {
        var silent = new SessionFile { Meta = Metadata(video: "null") };
        string small = """{"x":8,"y":4,"width":40,"height":40}""";
        string session = (fault switch
        {
            "version" => silent with { Meta = Metadata(version: "2") },
            "format" => silent with { Meta = "{}" },
            "path" => silent with { Extra = "../evil.txt" },
            "backslash" => silent with { Extra = @"..\evil.txt" },
            "twice" => silent with { Extra = "META.json" },
            "no events" => silent with { Events = null },
            "no video" => silent with { Meta = Metadata() },
            "clock" => silent with { Events = Event(0, 0) + Event(1, 40) + Event(2, 30) },
            "flat" => silent with { Events = Event(0, 0, box: """{"x":0,"y":0,"width":48,"height":0}""") },
            "boxless" => silent with { Events = Event(0, 0).Replace("\"box\"", "\"frameBox\"", StringComparison.Ordinal) },
            "sources" => silent with { Events = Event(0, 0) + Event(0, 0, source: "other") },
            "emotion" => silent with { Corrections = Correction(1, 0, 500, "Calm") },
            "span" => silent with { Corrections = Correction(1, 500, 500, "Sad") },
            "face" => silent with { Corrections = Correction(1, 0, 500, "Sad") + Correction(7, 0, 500, "Sad") },
            "cut row" => silent with { Corrections = Correction(1, 0, 500, "Sad")[..40] },
            "text" => new SessionFile { VideoContent = "no video"u8.ToArray() },
            "size" => new SessionFile { VideoContent = Clip() },
            "end" => new SessionFile { VideoContent = Clip(), Events = EventsOf(50, box: small) },
            _ => new SessionFile { VideoContent = Clip(), Events = EventsOf(20, box: small) },
        }).Write(folder);
        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess("collect", session, "--output", Output);

        Assert.Equal($"{session}: {expected}\n", error);
        Assert.Equal(("", 2), (output, exitCode));
        Assert.False(Path.Exists(Output));
    }

    [Fact]
    public async Task Collect_UnusableInputs_SayWhatToDo()
    {
        string cut = new SessionFile { Meta = Metadata(video: "null") }.Write(folder, "cut.zip");
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^30]);
        string silent = new SessionFile { Meta = Metadata(video: "null") }.Write(folder, "silent.zip");
        string again = new SessionFile { Meta = Metadata(video: "null"), Corrections = Correction(1, 0, 40, "Fear") }.Write(folder, "again.zip");
        string clean = new SessionFile { Meta = Metadata(video: "null"), Corrections = null }.Write(folder, "clean.zip");

        Assert.Matches($"^{cut}: the zip is cut off or damaged \\([^\n]+\\)\\. Save or copy the session again\\.\n$", await Error(cut));
        Assert.Equal($"{silent}: was saved without a video, so its faces cannot be cut out. Name its recording with '--video'.\n", await Error(silent));
        Assert.Equal($"{silent} and {again} are of the same recording. Name the one whose corrections are to be used.\n", await Error(silent, again));
        Assert.Equal(
            $"{clean}: has no corrections, so no face of it is used.\nno face to collect: no corrected span has one. Correct some spans on the page, or leave fewer out.\n", await Error(clean));
        Assert.Equal("--video names the recording of one session, but 2 are named.\n", await Error(silent, again, "--video", "a.mp4"));
        Assert.Equal("no.zip: no such file. Name a session that the page saved.\n", await Error("no.zip"));
        Assert.False(Path.Exists(Output));

        async Task<string> Error(params string[] args)
        {
            (int exitCode, _, string error) = await DetectorProcess.RunInProcess(["collect", .. args, "--output", Output]);
            Assert.Equal(2, exitCode);
            return error;
        }
    }

    private CollectedFaces Collect(FixedDetector detector, string events, string corrections)
    {
        string video = folder.At("stripes.avi"), zip = $"{Guid.NewGuid()}.zip";
        using (VideoWriter writer = VideoFile.Create(video, 25, 96, 96))
        {
            for (int frame = 0; frame < 25; frame++)
            {
                byte[] pixels = [.. Enumerable.Range(0, 96 * 96).Select(i => (byte)((frame is >= 10 and < 20 ? i % 96 : i / 96) / 8 % 2 == 0 ? 40 : 200))];
                using Frame image = Frame.FromPixels(new ImageView(pixels, 96, 96, PixelFormat.Gray8));
                using Mat color = image.Mat.CvtColor(ColorConversionCodes.GRAY2BGR);
                writer.Write(color);
            }
        }

        Session session = Session.Read(new SessionFile { Events = events, Corrections = corrections, Meta = Metadata(video: "null") }.Write(folder, zip));
        return new FaceCollector(detector, perSecond: 1000, _ => { }).Collect(session, video, "stripes.avi", TestContext.Current.CancellationToken);
    }

    private byte[] Clip() => File.ReadAllBytes(VideoFile.Write(folder.At("clip.avi"), 10));

    private byte[] DemoClip(int frames)
    {
        string path = folder.At("demo.avi");
        using (var demo = new DemoSource())
        using (var frame = new Frame())
        using (VideoWriter writer = VideoFile.Create(path, 25, DemoSource.Width, DemoSource.Height))
        {
            for (int i = 0; i < frames; i++)
            {
                demo.Read(frame, out _);
                writer.Write(frame.Mat);
            }
        }

        return File.ReadAllBytes(path);
    }
}
