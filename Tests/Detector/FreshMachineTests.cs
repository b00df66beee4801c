using System.Text.Json;
using MlNetEmotion.Tests.Detector.Serving;
using MlNetEmotion.Tests.Detector.Sources;
using MlNetEmotion.Tests.Shared.Faces;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector;

/// <summary>First use on a machine with nothing installed: no home folder, no OpenCV data, no network.</summary>
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
    public async Task Image_FindsItsThreeFaces()
    {
        string image = folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await Run(image, "--headless");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith($"{image}: 1 image, 3 faces, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shard_FindsItsThreeFaces()
    {
        string image = folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await Run("--input", image, "--shard", "0/1", "--events", Path.Combine(folder.Root, "results"));

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

    [Fact]
    public async Task ImageWithoutOpenCv_IsPrintedInsteadOfShown()
    {
        string image = folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await RunWithoutOpenCv(image);

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^no window: OpenCV .+ What is found is printed as JSON lines\.\n.*faces\.png: 1 image, 3 faces, [\d.]+ images/s\n$", error);
        Assert.Equal([image, image, image], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("source").GetString()));
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.csv", "--cropped")]
    [InlineData("a.csv", "--report", "a.html")]
    [InlineData("results", "--shard", "0/1")]
    public async Task FolderWithoutOpenCv_HasTheSameAnswers(string events, params string[] options)
    {
        string images = folder.CreateFolder("images");
        folder.Write("images/faces.png", Upload.ThreeFaces(".png"));
        folder.Write("images/faces.jpg", Upload.ThreeFaces(".jpg"));
        string[] Args(string results) =>
            ["--input", images, "--headless", "--events", Path.Combine(folder.CreateFolder(results), events), .. options.Select(option => option == "a.html" ? Path.Combine(folder.Root, results, option) : option)];

        (int exitCode, _, string error) = await RunWithoutOpenCv(Args("without"));
        Assert.Equal((0, 0), (exitCode, (await Run(Args("with"))).ExitCode));

        Assert.Empty(error);
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(folder.Root, "with"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".json", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(file.Replace("/with/", "/without/", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("--demo", "--headless")]
    [InlineData("faces.png", "--headless", "--output", "annotated.png")]
    [InlineData("faces.png", "--headless", "--blur-faces")]
    [InlineData("faces.png", "--headless", "--report", "a.html", "--report-thumbnails")]
    public async Task WorkThatNeedsOpenCv_WithoutIt_SaysWhatIsMissing(params string[] args)
    {
        folder.Write("faces.png", Upload.ThreeFaces(".png"));

        (int exitCode, string output, string error) = await RunWithoutOpenCv([.. args.Select(arg => arg.Contains('.') ? Path.Combine(folder.Root, arg) : arg)]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Matches("^OpenCV cannot be loaded on .*: it comes with the NuGet package OpenCvSharp4", error);
        Assert.Equal([Path.Combine(folder.Root, "faces.png"), home], Directory.EnumerateFileSystemEntries(folder.Root).Order());
    }

    [Fact]
    public async Task ServeWithoutOpenCv_AnswersImagesAndRefusesVideos()
    {
        SkipWhereNothingCanBeHidden();
        using ServerProcess server = await ServerProcess.StartFresh(home, hasOpenCv: false);

        (int status, JsonElement answer) = await server.Post("/api/faces", Upload.ThreeFaces(".jpg"));
        Assert.Equal((200, 3), (status, answer.GetProperty("faces").GetArrayLength()));
        Assert.Equal(200, (await server.Post("/api/emotions", Upload.ThreeFaces(".png"))).Status);
        Assert.Equal("ok", await server.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));

        byte[] clip = File.ReadAllBytes(VideoFile.Encode(Path.Combine(folder.Root, "clip.mkv"), "-f lavfi -i testsrc=size=64x48:rate=25:duration=1 -c:v mjpeg"));
        (int accepted, JsonElement job) = await server.Post("/api/videos", clip);
        Assert.Equal(202, accepted);
        JsonElement video = (await server.Get($"/api/videos/{job.GetProperty("id").GetString()}")).Body;
        for (int i = 0; i < 200 && video.GetProperty("state").GetString() is "Waiting" or "Running"; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            video = (await server.Get($"/api/videos/{job.GetProperty("id").GetString()}")).Body;
        }

        Assert.Equal("Failed", video.GetProperty("state").GetString());
        Assert.Matches("^OpenCV cannot be loaded on .*: it comes with the NuGet package OpenCvSharp4", video.GetProperty("remark").GetString());
    }

    private Task<(int ExitCode, string Output, string Error)> Run(params string[] args) => Run(hasOpenCv: true, args);

    private Task<(int ExitCode, string Output, string Error)> RunWithoutOpenCv(params string[] args) => Run(hasOpenCv: false, args);

    private async Task<(int ExitCode, string Output, string Error)> Run(bool hasOpenCv, string[] args)
    {
        SkipWhereNothingCanBeHidden();
        using var detector = new ProgramProcess(DetectorProcess.StartFresh(home, hasOpenCv, args));
        return await detector.Exit();
    }

    private static void SkipWhereNothingCanBeHidden()
    {
        Assert.SkipUnless(
            ProgramProcess.Run("unshare", "--map-root-user", "--mount", "true").GetAwaiter().GetResult().ExitCode == 0, "this machine allows no mount namespace");
    }
}
