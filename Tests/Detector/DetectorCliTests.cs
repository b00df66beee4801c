using System.Text.Json;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Programs;
using MlNetEmotion.Programs.Samples;
using OpenCvSharp;
using MlNetEmotion.Tests.Detector.Segments;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

public sealed class DetectorCliTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Demo_Headless_FindsTheFacesAndWritesEverything()
    {
        string video = Path.Combine(folder.Root, "out.mp4");
        string events = Path.Combine(folder.Root, "events.csv");
        string timings = Path.Combine(folder.Root, "timings.json");
        (int exitCode, string output, string error) = await DetectorProcess.Run(
            "--demo", "--headless", "--model", Model, "--max-frames", "30", "--output", video, "--events", events, "--timings", timings);

        Assert.Equal(("", 0), (error, exitCode));
        Assert.StartsWith("demo: 30 frames, 3 faces, ", output, StringComparison.Ordinal);
        Assert.Equal((30, 720, 400, 25.0), ReadVideo(video));

        string[][] lines = [.. File.ReadLines(events).Skip(1).Select(line => line.Split(','))];
        Assert.Equal(90, lines.Length);
        Assert.Equal(["1", "2", "3"], lines.Select(fields => fields[2]).Distinct());    // three people, tracked throughout
        Assert.Equal(("29", "1160"), (lines[^1][0], lines[^1][1]));    // 29 frames at 25 frames/s

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(timings));
        JsonElement root = json.RootElement;
        Assert.Equal((30, 90), (root.GetProperty("frames").GetInt32(), root.GetProperty("faces").GetInt32()));
        Assert.Equal(
            ["crop", "detect", "draw", "encode", "events", "latency", "read", "score", "track"],
            root.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("name").GetString()).Order());
        Assert.All(root.GetProperty("stages").EnumerateArray(), stage =>
            Assert.InRange(stage.GetProperty("p50Ms").GetDouble(), 0, stage.GetProperty("p99Ms").GetDouble()));
        Assert.True(root.GetProperty("framesPerSecond").GetDouble() > 0);
        Assert.True(root.GetProperty("startupMs").GetDouble() > 0);
        Assert.True(root.GetProperty("firstFrameMs").GetDouble() > root.GetProperty("startupMs").GetDouble());
        Assert.InRange(root.GetProperty("peakMemoryMb").GetDouble(), 20, 4000);
    }

    [Fact]
    public async Task Cropped_FaceThatWasCutOut_IsScoredAsAWhole()
    {
        string face = folder.WritePgm("face.pgm", SampleFaces.Draw(seed: 5, index: 0));

        (int exitCode, string output, _) = await DetectorProcess.Run("--input", face, "--cropped", "--headless", "--model", Model, "--events", "-");

        Assert.Equal(0, exitCode);
        using JsonDocument line = JsonDocument.Parse(output);
        Assert.Equal("""{"x":0,"y":0,"width":48,"height":48}""", line.RootElement.GetProperty("box").GetRawText());
    }

    [Fact]
    public async Task Cropped_WithAFaceDetector_IsRefused() =>
        await Refused("--cropped does not detect faces: leave out --face-detector and --face-model", "--demo", "--cropped", "--face-detector", "haar", "--headless");

    [Fact]
    public async Task BlurFaces_WithFramesThatAreNotSearched_IsRefused() =>
        await Refused("--blur-faces detects faces in every frame, and '--detect-every 2' would show new faces in between: leave out one of them.", "--demo", "--blur-faces", "--detect-every", "2", "--headless");

    [Fact]
    public async Task EventsToStandardOutput_HoldNothingElse()
    {
        (int exitCode, string output, string error) = await DetectorProcess.Run(
            "--demo", "--headless", "--model", Model, "--max-frames", "2", "--events", "-");

        Assert.Equal(0, exitCode);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
        Assert.StartsWith("demo: 2 frames", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Video_Headless_FindsTheFaceAndKeepsTheRate()
    {
        string input = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data/videos/one_face_640x360.mp4");
        Assert.SkipUnless(File.Exists(input), "the sample videos are not here");
        string video = Path.Combine(folder.Root, "out.mp4");
        string events = Path.Combine(folder.Root, "events.jsonl");
        (int exitCode, _, string error) = await DetectorProcess.Run(
            "--input", input, "--headless", "--model", Model, "--output", video, "--events", events);

        Assert.Equal(("", 0), (error, exitCode));
        (int frames, int width, int height, double rate) = ReadVideo(input);
        Assert.Equal((frames, width, height, rate), ReadVideo(video));
        int framesWithOneFace = File.ReadLines(events)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt32())
            .CountBy(frame => frame)
            .Count(count => count.Value == 1);
        Assert.InRange(framesWithOneFace, 0.95 * frames, frames);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("TERM")]
    public async Task Signal_WhileRunning_FinishesTheFiles(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        string video = Path.Combine(folder.Root, "out.mp4");
        string events = Path.Combine(folder.Root, "events.jsonl"), segments = Path.Combine(folder.Root, "segments.csv");
        using var detector = new DetectorProcess(
            null, "--demo", "--headless", "--model", Model, "--max-frames", "1000000", "--output", video, "--events", events, "--segments", segments);
        await Until(() => File.Exists(events) && new FileInfo(events).Length > 5000, detector);
        detector.Signal(signal);
        (int exitCode, string output, string error) = await detector.Exit();

        Assert.Equal(("", 0), (error, exitCode));
        Assert.EndsWith($" frames/s; stopped; wrote {video}, {events}, {segments}\n", output, StringComparison.Ordinal);
        Assert.Equal(SegmentBuilderTests.CsvOf(events), File.ReadAllText(segments));
        string[] lines = File.ReadAllLines(events);
        int frames = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("frame").GetInt32() + 1;
        Assert.Equal((frames, 720, 400, 25.0), ReadVideo(video));
    }

    [Fact]
    public async Task Loop_Video_PlaysItAgain()
    {
        string input = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data/videos/one_face_640x360.mp4");
        Assert.SkipUnless(File.Exists(input), "the sample videos are not here");
        (int frames, _, _, _) = ReadVideo(input);

        (int exitCode, string output, _) = await DetectorProcess.Run("--input", input, "--headless", "--model", Model, "--loop", "3");

        Assert.Equal(0, exitCode);
        Assert.Contains($": {3 * frames} frames, ", output, StringComparison.Ordinal);
    }

    // Of repeated rounds, the sound would have to be recorded.
    [Theory]
    [InlineData("1", "audio\n")]
    [InlineData("2", "")]
    public async Task Output_OfAVideoWithSound_HasItWhenItIsPlayedOnce(string loop, string streams)
    {
        Assert.SkipUnless(FfmpegEncoder.Has("libx264"), "needs an ffmpeg with libx264 on the PATH");
        string clip = VideoFile.Encode(folder.At("clip.mkv"), "-f lavfi -i testsrc=size=64x48:rate=25 -f lavfi -i sine=frequency=300 -t 0.4 -c:v mpeg4 -c:a mp3 -ar 44100");
        string video = folder.At("out.mkv");

        (int exitCode, _, string error) = await DetectorProcess.Run(clip, "--cropped", "--headless", "--model", Model, "--loop", loop, "--output", video);

        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(streams, (await ProgramProcess.Run("ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_type", "-of", "csv=p=0", video)).Output);
    }

    [Fact]
    public async Task FaceModel_NoYuNet_SaysExpectedAndFound() =>
        await Refused("not a YuNet face detector; expected one image input and the outputs cls_8", "--demo", "--headless", "--model", Model, "--face-model", Model);

    [Fact]
    public async Task Help_NamesEveryOption()
    {
        (int exitCode, string output, _) = await DetectorProcess.RunInProcess("--help");

        Assert.Equal(0, exitCode);
        string[] options =
        [
            "--input", "--demo", "--model", "--face-detector", "--face-model", "--min-face-pixels", "--headless", "--output", "--events",
            "--timings", "--max-frames", "--verbose", "haar|lbp|yunet", "--detect-width", "--detect-every", "--loop", "models",
            "--segments", "--segment-min", "--segment-gap", "--summary", "--report", "--report-thumbnails", "--snapshots", "--force", "--smoothing", "--uncertain-below",
            "--blur-faces", "--jobs", "--reconnect", "several times", "{name}", "@LIST", "VIDEO|IMAGE|FOLDER",
        ];
        Assert.All(options, option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_OfEachNumber_ShowsItsDefault()
    {
        (_, string output, _) = await DetectorProcess.RunInProcess("--help");

        string text = string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string[] numbers = ["--detect-width", "--detect-every", "--min-face-pixels", "--smoothing", "--uncertain-below", "--max-frames", "--loop", "--jobs", "--reconnect"];
        Assert.All(numbers, option => Assert.Matches($@"{option} <[^>]*> (?:(?! --[a-z]).)*\[default: [^\]]+\]", text));
    }

    [Fact]
    public async Task Input_WithoutItsOption_IsProcessed()
    {
        Platform.NeedsCascades();
        string clip = VideoFile.Write(Path.Combine(folder.Root, "clip.avi"), 3);

        (int exitCode, string output, string error) = await DetectorProcess.Run(clip, "--headless", "--model", Model, "--face-detector", "haar", "--events", Path.Combine(folder.Root, "e.csv"));
        Assert.Equal(("", 0), (error, exitCode));
        Assert.StartsWith($"{clip}: 3 frames, 0 faces, ", output, StringComparison.Ordinal);
        Assert.Contains($"; wrote {folder.At("e.csv")}\nNo face was found. Try YuNet, the default face detector, which finds more than a cascade, ", output, StringComparison.Ordinal);
        Assert.Contains("'--min-face-pixels 20' (now 48), or '--cropped'", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--headles")]
    [InlineData("--input", "a.mp4", "--headles")]
    public async Task Option_Misspelt_IsNoInput(params string[] args) => await Refused("'--headles' is not an option", args);

    [Theory]
    [InlineData("'clip.mp4' precedes the command 'serve', which does not accept it: remove one of them. For a file named 'serve', write './serve'.", "clip.mp4", "serve")]
    [InlineData("'--demo' precedes the command 'serve'", "--demo", "serve", "--no-open")]
    [InlineData("'clip.mp4' precedes the command 'merge'", "clip.mp4", "merge", "results")]
    [InlineData("'--headless' precedes the command 'models'", "--headless", "models")]
    [InlineData("'--input' precedes the command 'download'", "--input", "clip.mp4", "models", "download")]
    [InlineData("'rtsp://***@host/' precedes the command 'models'", "rtsp://me:secret@host/", "models")]
    public async Task Input_BeforeACommand_IsRefused(string expected, params string[] args) => await Refused(expected, args);

    [Fact]
    [NeedsLinux("a camera is a file")]
    public async Task NoArguments_NoCamera_PointsToTheDemo()
    {
        Assert.SkipWhen(File.Exists("/dev/video0"), "this machine has a camera");

        AssertRefused("camera 0: not found (no /dev/video0). Try '--demo'", await DetectorProcess.Run());
    }

    [Fact]
    [NeedsLinux("other systems always have a display")]
    public async Task Window_NoDisplay_PointsToHeadless()
    {
        AssertRefused("no display for a window: use '--headless'", await DetectorProcess.Run("--demo", "--model", Model));
    }

    [Fact]
    public async Task Model_OfAnotherShape_SaysExpectedAndFound() =>
        await Refused("[1, 3, 64, 64]", "--demo", "--headless", "--model", Fixture.Model("rgb64"));

    [Fact]
    public async Task Model_Missing_NamesIt() =>
        AssertRefused("nowhere.onnx", await DetectorProcess.Run("--demo", "--headless", "--model", "nowhere.onnx"));

    [Fact]
    public async Task Input_TextNamedVideo_SaysWhatIsExpected() =>
        await Refused("no video that can be read", "--headless", "--model", Model, "--input", folder.Write("clip.mp4", "shopping: milk"));

    [Fact]
    public async Task Output_ThatIsTheInput_IsRefusedAndTheInputSurvives()
    {
        string image = folder.WriteImage("face.png", 60, 60, 128);
        byte[] before = File.ReadAllBytes(image);

        await Refused("named twice", "--headless", "--model", Model, "--input", image, "--output", image);
        Assert.Equal(before, File.ReadAllBytes(image));
    }

    [Theory]
    [InlineData("cannot be written", "--output", "/no/such/folder/out.mp4")]
    [InlineData("an unsupported video format, expected", "--output", "out.txt")]
    [InlineData("cannot be written", "--timings", "/no/such/folder/t.json")]
    [InlineData(".jsonl or .csv", "--events", "events.xml")]
    [InlineData("written as .html or .htm", "--report", "report.pdf")]
    [InlineData("written as .json", "--timings", "timings.xml")]
    [InlineData("write 0.5", "--smoothing", "0,5")]
    [InlineData("a whole number", "--max-frames", "many")]
    [InlineData("nowhere.xml: no such file", "--face-model", "nowhere.xml")]
    [InlineData("haar", "--face-detector", "magic")]
    [InlineData("must be at least 1", "--max-frames", "0")]
    [InlineData("must be at least 20", "--min-face-pixels", "3")]
    [InlineData("must be at least 64", "--detect-width", "10")]
    [InlineData("must be a number from 1, or auto", "--detect-every", "0")]
    [InlineData("must be a number from 1, or auto", "--detect-every", "often")]
    [InlineData("must be at least 1", "--loop", "0")]
    [InlineData("nowhere.onnx: there is no such model file", "--face-model", "nowhere.onnx")]
    [InlineData("must be between 0 and 60", "--smoothing", "-1")]
    [InlineData("must be between 0 and 1", "--uncertain-below", "40")]
    [InlineData("cannot be written", "--report", "/no/such/folder/report.html")]
    [InlineData("must be between 0 and", "--reconnect", "-1")]
    [InlineData("'--csv-excel' needs events as CSV", "--csv-excel", "comma")]
    [InlineData("--demo and --input", "--input", "0")]
    [InlineData("--demo: no camera, so '--camera-size' and '--camera-fps' have no effect", "--camera-size", "1280x720")]
    [InlineData("--camera-size is '720p', but must be WIDTHxHEIGHT", "--camera-size", "720p")]
    public async Task Option_Unusable_SaysWhatToDo(string expected, string option, string value) =>
        await Refused(expected, "--demo", "--headless", "--model", Model, option, value);

    [Theory]
    [InlineData("written as .html or .htm", "report.pdf")]
    [InlineData("is a folder", "folder.html")]
    public async Task Result_Unusable_LeavesNoOther(string expected, string report)
    {
        folder.CreateFolder("folder.html");
        await Refused(
            expected, "--demo", "--headless", "--model", Model, "--output", Path.Combine(folder.Root, "out.mp4"),
            "--events", Path.Combine(folder.Root, "events.csv"), "--timings", Path.Combine(folder.Root, "t.json"), "--report", Path.Combine(folder.Root, report));
        Assert.Equal([Path.Combine(folder.Root, "folder.html")], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Output_OfAnotherRunInProgress_IsRefused()
    {
        string video = Path.Combine(folder.Root, "out.mp4");
        using var other = new OutputLocks(video);
        await Refused($"{video}: another run is writing it.", "--demo", "--headless", "--model", Model, "--max-frames", "2", "--output", video, "--force");
        Assert.False(File.Exists(video));
    }

    private static async Task Refused(string expected, params string[] args) => AssertRefused(expected, await DetectorProcess.RunInProcess(args));

    private static void AssertRefused(string expected, (int ExitCode, string Output, string Error) run)
    {
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Equal(("", 2), (run.Output, run.ExitCode));
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    private static async Task Until(Func<bool> condition, DetectorProcess detector)
    {
        while (!condition() && !detector.HasExited)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static (int Frames, int Width, int Height, double Rate) ReadVideo(string path)
    {
        using VideoCapture capture = VideoFile.Open(path);
        using var frame = new Frame();
        int frames = 0;
        while (capture.Read(frame.Mat))
        {
            frames++;
        }

        return (frames, capture.FrameWidth, capture.FrameHeight, capture.Fps);
    }
}
