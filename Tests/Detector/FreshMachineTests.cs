using System.Text.Json;
using MlNetEmotion.Tests.Detector.Serving;
using MlNetEmotion.Tests.Shared.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

/// <summary>The first minutes on a machine with nothing installed: no home, none of OpenCV's data, no network.</summary>
[NeedsLinux("it alone hides folders from a process")]
public sealed class FreshMachineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string home;

    public FreshMachineTests()
    {
        home = folder.CreateFolder("home");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Demo_FindsItsThreeFaces()
    {
        (int exitCode, string output, string error) = await Run("--demo", "--headless", "--max-frames", "20", "--events", "-");

        Assert.Equal(0, exitCode);
        Assert.Equal(20 * 3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("demo: 20 frames, 3 faces, ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
    }

    [Fact]
    public async Task Picture_FindsItsThreeFaces()
    {
        string picture = folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await Run(picture, "--headless");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith($"{picture}: 1 picture, 3 faces, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shard_FindsItsThreeFaces()
    {
        string picture = folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await Run("--input", picture, "--shard", "0/1", "--events", Path.Combine(folder.Root, "results"));

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("shard 0/1: 1 input: 1 done, 0 done before, 0 failed; 1 frame, 3 faces", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cascade_IsNotThere_SaysHowToGetIt()
    {
        (int exitCode, _, string error) = await Run("--demo", "--headless", "--face-detector", "lbp");

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"lbpcascade_frontalface.xml is in none of {home}/.local/share/MlNetEmotion/models, ", error, StringComparison.Ordinal);
        Assert.Contains("run 'Detector models download'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_SaysWhatIsThereAndWhatIsNot()
    {
        (int exitCode, string output, string error) = await Run("models");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            "yunet, the default: comes with the program\nhaar: not installed; 'Detector models download' fetches it\n"
            + $"lbp: not installed; 'Detector models download' fetches it\n{home}/.local/share/MlNetEmotion/models: no models\n",
            output);
    }

    [Fact]
    public async Task Serve_AnswersAndHandsTheNetworkToThePage()
    {
        SkipWhereNothingCanBeHidden();
        using ServerProcess server = await ServerProcess.StartFresh(home);

        (int status, JsonElement answer) = await server.Post("/api/faces", Upload.ThreeFaces(".png"));

        Assert.Equal(200, status);
        Assert.Equal([JsonValueKind.Object, JsonValueKind.Object, JsonValueKind.Object], answer.GetProperty("faces").EnumerateArray().Select(face => face.GetProperty("landmarks").ValueKind));
        Assert.Equal("ok", await server.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
        Assert.Equal("""{"name":"yunet","url":"/models/yunet.onnx"}""", (await server.Get("/api/model")).Body.GetProperty("faceDetector").GetRawText());
        Assert.Equal(File.ReadAllBytes(Photograph.YuNet), await server.Client.GetByteArrayAsync("/models/yunet.onnx", TestContext.Current.CancellationToken));
    }

    private async Task<(int ExitCode, string Output, string Error)> Run(params string[] args)
    {
        SkipWhereNothingCanBeHidden();
        using var detector = new ProgramProcess(DetectorProcess.StartFresh(home, args));
        return await detector.Exit();
    }

    private static void SkipWhereNothingCanBeHidden()
    {
        Assert.SkipUnless(
            ProgramProcess.Run("unshare", "--map-root-user", "--mount", "true").GetAwaiter().GetResult().ExitCode == 0, "this machine allows no mount namespace");
    }
}
