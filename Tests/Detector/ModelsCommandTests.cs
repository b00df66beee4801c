using System.Text;
using MlNetEmotion.Detector;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Detector.Running;
using MlNetEmotion.Tests.Detector.Faces;
using MlNetEmotion.Tests.Shared.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Spectre.Console;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    [NeedsLinux("the folder of a user's data can be moved")]
    public async Task Models_Cascades_SaysWhereEachIsAndWhatIsUsed()
    {
        string haar = folder.Write("MlNetEmotion/models/haarcascade_frontalface_default.xml", new string('x', 2048));
        string lbp = folder.Write("MlNetEmotion/models/lbpcascade_frontalface.xml", new string('x', 1024));
        folder.Write("MlNetEmotion/models/my-yunet.onnx", new string('x', 3072));

        (int exitCode, string output, string error) = await DetectorProcess.RunFor(folder.Root, "models");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            $"yunet, the default: comes with the program\nhaar: {haar}\nlbp: {lbp}\n{folder.Root}/MlNetEmotion/models: 3 models\n"
            + "  haarcascade_frontalface_default.xml  2 KB\n  lbpcascade_frontalface.xml  1 KB\n  my-yunet.onnx  3 KB  used only where '--face-model' names it\n",
            output);
    }

    [Fact]
    [NeedsLinux("the folder of a user's data can be moved")]
    public async Task Download_NoNetwork_SaysSoAndLeavesNothing()
    {
        (int exitCode, string output, string error) = await DetectorProcess.RunFor(folder.Root, "models", "download");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("^https://raw.githubusercontent.com/opencv/opencv/[0-9a-f]{40}/data/haarcascades/haarcascade_frontalface_default.xml: cannot be reached \\(.*\\). Try again later, or put the file into .*\n$", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Download_AnotherFileOfThatName_IsKeptUnlessForced()
    {
        using var server = new ModelServer(ModelServer.Sends("200 OK", ModelServer.Content));
        string own = folder.Write("face.onnx", "my own");

        string message = (await Assert.ThrowsAsync<UsageException>(() => Download(server.Model, force: false))).Message;
        Assert.StartsWith($"{own}: differs from the published file (SHA-256 ", message, StringComparison.Ordinal);
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
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new RunProgressTests.Screen(screen, isTerminal: true),
        });

        await Download(server.Model, force: false, terminal);

        Assert.Contains("face.onnx", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [NeedsLinux("the folder of a user's data can be moved")]
    public async Task Detector_CascadeInTheModelFolder_IsUsed()
    {
        string cascade = folder.Write("MlNetEmotion/models/haarcascade_frontalface_default.xml", "no cascade");

        (int exitCode, _, string error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1", "--face-detector", "haar");

        Assert.Equal(2, exitCode);
        Assert.Contains(cascade, error, StringComparison.Ordinal);
    }

    [Fact]
    [NeedsLinux("the folder of a user's data can be moved")]
    public async Task Detector_YuNetInTheModelFolder_IsUsedWhereItIsNamedAlone()
    {
        string other = folder.Write("MlNetEmotion/models/my-yunet.onnx", "not a network");

        (int exitCode, string output, string error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1", "--face-detector", "yunet");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("demo: 1 frame, 3 faces, ", output, StringComparison.Ordinal);

        (exitCode, _, error) = await DetectorProcess.RunFor(folder.Root, "--demo", "--headless", "--max-frames", "1", "--face-model", other);
        Assert.Equal(2, exitCode);
        Assert.Contains("my-yunet.onnx: not an ONNX model", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(FaceDetectorKind.Auto), true)]
    [InlineData(nameof(FaceDetectorKind.YuNet), true)]
    [InlineData(nameof(FaceDetectorKind.Cropped), false)]
    public void ReadModel_NothingNamed_IsTheNetworkThatComesAlong(string kind, bool isExpected) =>
        Assert.Equal(isExpected ? File.ReadAllBytes(Photograph.YuNet) : null, FaceDetectors.ReadModel(Enum.Parse<FaceDetectorKind>(kind), model: null));

    [Fact]
    public void ReadModel_FileNamed_IsThatFile()
    {
        string other = folder.Write("other.onnx", "other");

        Assert.Equal("other", Encoding.UTF8.GetString(FaceDetectors.ReadModel(FaceDetectorKind.Auto, other)!));
        Assert.Equal("other", Encoding.UTF8.GetString(FaceDetectors.ReadModel(FaceDetectorKind.Haar, other)!));
        Assert.Throws<FileNotFoundException>(() => FaceDetectors.ReadModel(FaceDetectorKind.Auto, other + ".gone"));
    }

    [Fact]
    public void Load_CascadeByItsFile_NeedsNoKind()
    {
        Platform.NeedsCascades();
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.Auto, CascadeFiles.Find("haarcascades/haarcascade_frontalface_default.xml"));

        Assert.IsType<CascadeFaceDetector>(detector);
    }

    private async Task<string> Download(PublishedModel model, bool force, IAnsiConsole? terminal = null)
    {
        using var download = new ModelDownload(folder.Root);
        using var output = new StringWriter { NewLine = "\n" };
        terminal ??= AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        Assert.Equal(0, await ModelsCommand.DownloadAsync(download, [model], force, terminal, output, TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
