using MlNetEmotion.Detector;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Detector.Batch;
using MlNetEmotion.Tests.Detector.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Spectre.Console;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Models_EmptyFolder_SaysWhereModelsBelong()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        (int exitCode, string output, string error) = await DetectorProcess.Run("models");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            "/nonexistent/MlNetEmotion/models: no models\nWithout a *yunet*.onnx here, faces are found by OpenCV's Haar cascade; 'Detector models download' fetches both.\n", output);
    }

    [Fact]
    public async Task Models_TwoYuNets_NamesTheNewerAsTheDefault()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        folder.Write("MlNetEmotion/models/face_detection_yunet_2023mar.onnx", new string('x', 2048));
        folder.Write("MlNetEmotion/models/face_detection_yunet_2026may.onnx", new string('x', 1024));

        (int exitCode, string output, _) = await DetectorProcess.RunFor(folder.Root, "models");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"{folder.Root}/MlNetEmotion/models: 2 models\n  face_detection_yunet_2023mar.onnx  2 KB\n"
            + "  face_detection_yunet_2026may.onnx  1 KB  the default face detector\n",
            output);
    }

    [Fact]
    public async Task Models_CascadeAlone_IsTheDefault()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        folder.Write("MlNetEmotion/models/haarcascade_frontalface_default.xml", new string('x', 1024));

        (_, string output, _) = await DetectorProcess.RunFor(folder.Root, "models");

        Assert.StartsWith(
            $"{folder.Root}/MlNetEmotion/models: 1 model\n  haarcascade_frontalface_default.xml  1 KB  the default face detector\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_NoNetwork_SaysSoAndLeavesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");

        (int exitCode, string output, string error) = await DetectorProcess.RunFor(folder.Root, "models", "download");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("^https://github.com/opencv/opencv_zoo/.*_2023mar.onnx: cannot be reached \\(.*\\). Try again later, or put the file into .*\n$", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Download_AnotherFileOfThatName_IsKeptUnlessForced()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK", ModelServer.Content));
        string own = folder.Write("face.onnx", "my own");

        string message = (await Assert.ThrowsAsync<UsageException>(() => Download(server.Model, force: false))).Message;
        Assert.StartsWith($"{own}: is another file than the published one (SHA-256 ", message, StringComparison.Ordinal);
        Assert.EndsWith(" and was kept. Add '--force' to replace it.", message, StringComparison.Ordinal);
        Assert.Equal("my own", await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken));

        Assert.Equal($"{own}: 195 KB from {server.Model.Address} (licence: ours)\n", await Download(server.Model, force: true));
        Assert.Equal(ModelServer.Content, await File.ReadAllBytesAsync(own, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Download_ForcedButCut_KeepsWhatWasThere()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK", ModelServer.Content[..1000]));
        string own = folder.Write("face.onnx", "my own");

        await Assert.ThrowsAsync<HttpRequestException>(() => Download(server.Model, force: true));

        Assert.Equal("my own", await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken));
        Assert.Single(Directory.EnumerateFiles(folder.Root));
    }

    [Fact]
    public async Task Download_IsThere_AsksNoServer()
    {
        string path = folder.Write("face.onnx", ModelServer.Content);

        Assert.Equal($"{path}: is there already\n", await Download(ModelServer.Published(port: 1), force: true));
    }

    [Fact]
    public async Task Download_OnATerminal_ShowsABar()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK", ModelServer.Content));
        using var screen = new StringWriter();
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new BatchDisplayTests.Screen(screen, isTerminal: true),
        });

        await Download(server.Model, force: false, terminal);

        Assert.Contains("face.onnx", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detector_CascadeInTheModelFolder_IsUsed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        string cascade = folder.Write("MlNetEmotion/models/haarcascade_frontalface_default.xml", "no cascade");

        (int exitCode, _, string error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1");

        Assert.Equal(2, exitCode);
        Assert.Contains(cascade, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detector_YuNetMissing_SaysHowToGetIt()
    {
        (int exitCode, _, string error) = await DetectorProcess.Run("--demo", "--headless", "--face-detector", "yunet");

        Assert.Equal(2, exitCode);
        Assert.Contains("run 'Detector models download', or name the file with '--face-model'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detector_YuNetInTheModelFolder_IsUsed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the folder is another on other systems");
        folder.Write("MlNetEmotion/models/my-yunet.onnx", "not a network");

        (int exitCode, _, string error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1");

        Assert.Equal(2, exitCode);
        Assert.Contains("my-yunet.onnx: not an ONNX model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CascadeByItsFile_NeedsNoKind()
    {
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Auto, CascadeFiles.Find("haarcascades/haarcascade_frontalface_default.xml"));

        Assert.IsType<CascadeFaceDetector>(detector);
    }

    private async Task<string> Download(PublishedModel model, bool force, IAnsiConsole? terminal = null)
    {
        using var download = new ModelDownload(folder.Root);
        using var output = new StringWriter();
        terminal ??= AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        Assert.Equal(0, await ModelsCommand.DownloadAsync(download, [model], force, terminal, output, TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
