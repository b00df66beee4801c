using MlNetEmotion.Programs;
using MlNetEmotion.Detector.Sources;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Sources;

public sealed class FrameSourcesTests
{
    private readonly List<string> reports = [];

    [Fact]
    public void Open_Folder_GivesItsImagesInOrderAndReportsTheBroken()
    {
        using var folder = new TemporaryFolder();
        folder.WriteImage("b.png", 20, 10, 2);
        folder.WriteImage("a.bmp", 30, 10, 1);
        folder.WriteImage("sub/c.PPM", 40, 10, 1, 2, 3);
        folder.Write("a2.jpg", "no JPEG");
        folder.Write("notes.txt", "no image");
        using IFrameSource source = FrameSources.Open(folder.Root, reports.Add, stop: TestContext.Current.CancellationToken);
        using var frame = new Frame();
        var seen = new List<(int Width, int Channels, double Seconds)>();
        while (source.Read(frame, out TimeSpan timestamp))
        {
            seen.Add((frame.Width, frame.Mat.Channels(), timestamp.TotalSeconds));
        }

        Assert.Equal([(30, 3, 0), (20, 3, 2), (40, 3, 3)], seen);    // the damaged image keeps its second
        Assert.Contains("a2.jpg: not an image of a known format", Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderOfNumberedImages_GivesThemInNaturalOrderWhateverTheirFormat()
    {
        using var folder = new TemporaryFolder();
        folder.WriteImage("frame1.jfif", 21, 10, 2);
        folder.WriteImage("frame2.jpe", 22, 10, 2);
        folder.WriteImage("frame10.png", 30, 10, 2);
        folder.Write("frame3.gif", [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 90, 90, 90, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0, 0x3B]);
        folder.Write("frame4.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0]);
        folder.Write("frame5.avif", [0, 0, 0, 28, .. "ftypavif"u8, 0, 0, 0, 0]);
        folder.Write("._frame6.png", "another program's");
        Platform.Link(folder.At("loop"), ".");
        using IFrameSource source = FrameSources.Open(folder.Root, reports.Add, stop: TestContext.Current.CancellationToken);
        using var frame = new Frame();
        var widths = new List<int>();
        while (source.Read(frame, out _))
        {
            widths.Add(frame.Width);
        }

        Assert.Equal([21, 22, 1, 30], widths);
        Assert.Equal(
            [
                $"skipped {folder.At("frame4.heic")}: an image in the format HEIC, which is not read; save it as JPEG or PNG first",
                $"skipped {folder.At("frame5.avif")}: an image in the format AVIF, which is not read; save it as JPEG or PNG first",
            ],
            reports);
    }

    [Fact]
    public void Open_FolderOfBrokenImages_Throws()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jpg", "no JPEG");
        using IFrameSource source = FrameSources.Open(folder.Root, reports.Add, stop: TestContext.Current.CancellationToken);
        using var frame = new Frame();

        Assert.Contains("none of 1 images", Assert.Throws<InvalidDataException>(() => source.Read(frame, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithoutImages_SaysWhatIsExpected()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains(".png", Assert.Throws<InvalidDataException>(() => FrameSources.Open(folder.Root, reports.Add, stop: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    // A camera on Windows may take a minute to open.
    [Theory]
    [InlineData("0", 20, new[] { "camera 0: opening it…" })]
    [InlineData("0", 60_000, new string[0])]
    [InlineData(null, 20, new string[0])]
    public async Task Await_SourceThatTakesLong_SaysSoOfACamera(string? camera, int longTimeMs, string[] expected)
    {
        var opening = new TaskCompletionSource<IFrameSource>();
        Task<IFrameSource> waiting = Task.Run(
            () => FrameSources.Await(opening.Task, camera, reports.Add, TimeSpan.FromMilliseconds(longTimeMs), CancellationToken.None), TestContext.Current.CancellationToken);
        do
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        while (reports.Count < expected.Length);    // the thread pool of a busy machine starts late
        using var demo = new DemoSource();
        opening.SetResult(demo);

        Assert.Same(demo, await waiting);
        Assert.Equal(expected, reports);
    }

    [Fact]
    public void Await_SourceThatCannotBeOpened_ThrowsItsOwnError() => Assert.Throws<UsageException>(
        () => FrameSources.Await(Task.FromException<IFrameSource>(new UsageException("no camera")), "0", reports.Add, TimeSpan.FromSeconds(1), CancellationToken.None));

    // A list of inputs holds files; one that is missing must not open a camera.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_NeitherFileNorCamera_SaysSo(bool mayBeCamera)
    {
        const string Name = "no such camera, to be sure";

        string message = Assert.Throws<UsageException>(() => FrameSources.Open(Name, reports.Add, camera: mayBeCamera ? new CameraOptions() : null, stop: TestContext.Current.CancellationToken)).Message;
        Assert.StartsWith($"{Name}: no such file or folder", message, StringComparison.Ordinal);
        Assert.EndsWith(FrameSources.InputKinds, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingFile_SaysWhatToDo()
    {
        string message = Assert.Throws<UsageException>(() => FrameSources.Open("holiday.mp4", reports.Add, stop: TestContext.Current.CancellationToken)).Message;

        Assert.StartsWith("holiday.mp4: no such file or folder.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip.mp4", "shopping: milk")]
    [InlineData("clip.avi", "")]
    [InlineData("clip", "RIFF")]
    public void Open_FileThatIsNoVideo_SaysWhatIsExpected(string name, string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(name, content);

        Assert.Contains("no video that can be read", Assert.Throws<InvalidDataException>(() => FrameSources.Open(path, reports.Add, stop: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UrlThatNobodyServes_SaysSo()
    {
        const string Url = "http://127.0.0.1:9/stream.mjpg";

        Assert.Equal($"{Url}: cannot be reached, or is no video stream.", Assert.Throws<InvalidDataException>(() => FrameSources.Open(Url, reports.Add, stop: TestContext.Current.CancellationToken)).Message);
    }

    [Theory]
    [InlineData("63")]
    [InlineData("/dev/video63")]
    public void Open_CameraThatIsNotThere_PointsToTheDemo(string input)
    {
        Assert.SkipWhen(File.Exists("/dev/video63"), "this machine has a camera 63");

        string message = Assert.Throws<UsageException>(() => FrameSources.Open(input, reports.Add, stop: TestContext.Current.CancellationToken)).Message;
        Assert.StartsWith("camera 63: ", message, StringComparison.Ordinal);
        Assert.Contains("--demo", message, StringComparison.Ordinal);
    }
}
