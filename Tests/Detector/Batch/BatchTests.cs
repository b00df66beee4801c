using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Detector.Output;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Batch;

public sealed class BatchTests : IDisposable
{
    private static readonly string Model = Fixture.Model("tiny");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folder_WithABrokenVideo_DoesTheOthersAndNamesIt()
    {
        string clips = Clips("a.avi", "sub/b.avi");
        string broken = folder.Write("clips/broken.mp4", "shopping: milk");
        folder.WriteImage("clips/face.png", 120, 120, 128);

        (int exitCode, string output, string error) = await Run("--input", clips, "--output", Results("{name}.avi"), "--events", Results(""));

        Assert.Equal(1, exitCode);
        string[] lines = output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith($"{Path.Combine(clips, "a.avi")}: 10 frames, 0 faces, ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"{Path.Combine(clips, "sub", "b.avi")}: 10 frames, 0 faces, ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"{clips}: 1 image, 0 faces, ", StringComparison.Ordinal));
        Assert.StartsWith("4 inputs: 3 done, 0 done before, 1 failed, ", lines[^2], StringComparison.Ordinal);
        Assert.Equal($"{broken}: no video that can be read; expected a video file such as MP4, MKV, WebM or AVI.\nfailed: {broken}\n", error);
        Assert.Equal(["a.avi", "a.jsonl", "clips.avi", "clips.jsonl", "sub/b.avi", "sub/b.jsonl"], ResultNames());
        Assert.Equal(10, VideoFile.Frames(Results("sub/b.avi")));
    }

    [Fact]
    public async Task Again_DoesOnlyWhatIsNotDone()
    {
        string clips = Clips("a.avi", "b.avi");
        string a = Path.Combine(clips, "a.avi"), b = Path.Combine(clips, "b.avi");
        string[] args = ["--input", a, b, "--timings", Results("")];
        await Run([.. args, "--max-frames", "3"]);
        File.Delete(Results("b.json"));
        byte[] before = File.ReadAllBytes(Results("a.json"));

        (int exitCode, string output, string error) = await Run(args);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Contains($"{a}: done before; '--force' does it again\n", output, StringComparison.Ordinal);
        Assert.Contains($"{b}: 10 frames, ", output, StringComparison.Ordinal);
        Assert.Contains("2 inputs: 1 done, 1 done before, 0 failed, ", output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Results("a.json")));

        (_, output, _) = await Run([.. args, "--force"]);
        Assert.Contains("2 inputs: 2 done, 0 done before, 0 failed, ", output, StringComparison.Ordinal);
        Assert.Contains("\"frames\": 10", File.ReadAllText(Results("a.json")), StringComparison.Ordinal);
    }

    [Fact]
    [NeedsLinux("ffmpeg's process is found in /proc")]
    public async Task Decoder_KilledMidway_FailsThatInputAndTheSameCommandDoesIt()
    {
        Assert.SkipUnless(FfmpegEncoder.Has("mjpeg"), "needs ffmpeg on the PATH");
        string clips = Clips("a.avi");
        string killed = VideoFile.Write(Path.Combine(clips, "b.avi"), 3000);
        string[] args = ["--input", clips, "--jobs", "1", "--events", Results("")];
        using var detector = new DetectorProcess(null, ["--headless", "--model", Model, .. args]);
        while (!detector.HasExited && !FfmpegProcess.Find(killed).Any())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        FfmpegProcess.Signal(killed, "KILL");
        (int exitCode, string output, string error) = await detector.Exit();
        Assert.Equal(1, exitCode);
        Assert.Contains("2 inputs: 1 done, 0 done before, 1 failed, ", output, StringComparison.Ordinal);
        Assert.Contains($"failed: {killed}\n", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Results("b.jsonl")));

        (exitCode, output, error) = await Run(args);
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Contains($"{killed}: 3000 frames, ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT", "--force")]
    public async Task Ended_Midway_GoesOnWithTheUnfinished(string signal, params string[] force)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals");
        string clips = Clips("a.avi");
        VideoFile.Write(Path.Combine(clips, "b.avi"), 3000);
        string[] args = ["--input", clips, "--jobs", "1", "--output", Results("{name}.avi")];
        using var detector = new DetectorProcess(null, ["--headless", "--model", Model, .. args, .. force]);
        while (!detector.HasExited && !File.Exists(Results("b.partial.avi")))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        detector.Signal(signal);
        (int stopped, _, string error) = await detector.Exit();
        string how = force.Length > 0 ? " without '--force'" : "";
        Assert.Equal(signal == "KILL" ? (137, "") : (0, $"stopped with 1 input to do; run the same command{how} again to continue.\n"), (stopped, error));
        Assert.True(File.Exists(Results("a.avi")));
        Assert.False(File.Exists(Results("b.avi")));

        (int exitCode, string output, _) = await Run(args);
        Assert.Equal(0, exitCode);
        Assert.Contains("2 inputs: 1 done, 1 done before, 0 failed, ", output, StringComparison.Ordinal);
        Assert.Equal(["a.avi", "b.avi"], ResultNames());
        Assert.Equal(3000, VideoFile.Frames(Results("b.avi")));
    }

    [Fact]
    [Trait("Speed", "slow")]
    public async Task SideBySide_GivesWhatOneByOneGives()
    {
        string[] clips = [.. Enumerable.Range(0, 4).Select(i => People($"people{i}.avi", firstFrame: 40 * i))];
        await Run(["--input", .. clips, "--jobs", "1", "--events", Results("one/{name}.csv")]);
        await Run(["--input", .. clips, "--jobs", "4", "--events", Results("four/{name}.csv")]);

        for (int i = 0; i < clips.Length; i++)
        {
            string oneByOne = await File.ReadAllTextAsync(Results($"one/people{i}.csv"), TestContext.Current.CancellationToken);
            Assert.True(oneByOne.Count(c => c == '\n') > 45);    // 20 frames of three people
            Assert.Equal(oneByOne, await File.ReadAllTextAsync(Results($"four/people{i}.csv"), TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("@")]
    [InlineData("-")]
    public async Task List_OfPaths_IsProcessedWhereverItComesFrom(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        string clips = Clips("a b.avi", "@c.avi");
        string list = folder.Write("list.txt", $"\uFEFF{clips}/a b.avi\r\n\n@c.avi\0");
        string program = Path.Combine(AppContext.BaseDirectory, "MlNetEmotion.Detector.dll");
        string input = kind == "@" ? $"@{list}" : $"- < '{list}'";

        (int exitCode, string output, string error) = await ProgramProcess.Run(
            "bash", "-c", $"cd '{clips}' && dotnet '{program}' --headless --model '{Model}' --timings '{Results("")}' --input {input}");
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Contains("2 inputs: 2 done, ", output, StringComparison.Ordinal);
        Assert.Equal(["@c.json", "a b.json"], ResultNames());
    }

    [Fact]
    public async Task List_OfOne_IsProcessedAsOfMany()
    {
        string clip = Path.Combine(Clips("a.avi"), "a.avi");

        (int exitCode, _, string error) = await Run("--input", "@" + folder.Write("list.txt", clip), "--events", Results(""));
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(["a.jsonl"], ResultNames());
    }

    [Theory]
    [InlineData("several inputs are processed without a window: add '--headless'", "")]
    [InlineData("0: one of several inputs must be a file or folder.", "--headless", "--input", "0")]
    [InlineData("rtsp://host/live: one of several inputs must be a file", "--headless", "--input", "rtsp://host/live")]
    [InlineData("out.mp4: one file for several inputs. Name a folder, or a file with {name} in it", "--headless", "--output", "out.mp4")]
    [InlineData("standard output can take the events of one input", "--headless", "--events", "-")]
    [InlineData("would be inputs of the next run", "--headless", "--output", "CLIPS/annotated")]
    [InlineData("two inputs or results would have this name", "--headless", "--events", "CLIPS/events", "--input", "CLIPS/a.avi")]
    [InlineData("must be at least 1", "--headless", "--jobs", "0")]
    [InlineData("@nowhere.txt: cannot be read", "--headless", "--input", "@nowhere.txt")]
    [InlineData(": a list without inputs", "--headless", "--input", "@EMPTY")]
    public async Task Options_ThatCannotBe_AreRefused(string expected, params string[] options)
    {
        string clips = Clips("a.avi");
        string empty = folder.Write("empty.txt", "");
        string[] args = [.. options.Where(option => option.Length > 0)
            .Select(option => option.Replace("CLIPS", clips, StringComparison.Ordinal).Replace("EMPTY", empty, StringComparison.Ordinal))];

        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess(["--model", Model, "--input", clips, .. args]);

        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(("", 2), (output, exitCode));
        Assert.Equal([Path.Combine(clips, "a.avi")], Directory.GetFileSystemEntries(clips));
    }

    private static Task<(int ExitCode, string Output, string Error)> Run(params string[] args) =>
        DetectorProcess.Run(["--headless", "--model", Model, .. args]);

    private string Results(string name) => folder.At($"results/{name}");

    private IEnumerable<string> ResultNames() => Directory.GetFiles(Results(""), "*", SearchOption.AllDirectories)
        .Select(path => Platform.WithSlashes(Path.GetRelativePath(Results(""), path)))
        .Order(StringComparer.Ordinal);

    private string Clips(params string[] names)
    {
        string clips = folder.CreateFolder("clips");
        foreach (string name in names)
        {
            folder.CreateFolder(Path.Combine("clips", Path.GetDirectoryName(name)!));
            VideoFile.Write(Path.Combine(clips, name), 10);
        }

        return clips;
    }

    private string People(string name, int firstFrame)
    {
        string path = Path.Combine(folder.Root, name);
        using var demo = new DemoSource();
        using var frame = new Frame();
        using var writer = VideoFile.Create(path, demo.FramesPerSecond, DemoSource.Width, DemoSource.Height);
        for (int i = 0; i < firstFrame + 20; i++)
        {
            demo.Read(frame, out _);
            if (i >= firstFrame)
            {
                writer.Write(frame.Mat);
            }
        }

        return path;
    }
}
