using System.Net.WebSockets;
using System.Text.Json;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Detector.Frames;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Trainer.Data;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The server keeps working after large images and internal errors.</summary>
public sealed class ReadinessTests
{
    // More requests than readers, so that each reader is used.
    private static readonly int Times = Environment.ProcessorCount + 2;

    [Theory]
    [InlineData("/api/faces")]
    [InlineData("/api/emotions")]
    [InlineData("/api/stream")]
    public async Task Images_AfterLargeOnes_AreAnsweredAsBefore(string path)
    {
        using ServerProcess server = await ServerProcess.Start();
        await using var client = new Asker(server, path);
        byte[] small = Upload.ThreeFaces(".png");
        byte[] large = Large(2401, 1667);    // 4,002,467 pixels, just above the size that a reader keeps
        string before = Faces(await client.Ask(small));
        string beforeLarge = Faces(await client.Ask(large));

        for (int i = 0; i < Times; i++)
        {
            Assert.Equal(beforeLarge, Faces(await client.Ask(large)));
        }

        for (int i = 0; i < Times; i++)
        {
            Assert.Equal(before, Faces(await client.Ask(small)));
        }

        Assert.Equal("ok", await server.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Error_OfTheServersOwn_IsToldAndEndsNothingForGood()
    {
        using var folder = new TemporaryFolder();
        Platform.NeedsCascades();
        string cascade = Path.Combine(folder.Root, "haar.xml");
        string away = cascade + ".away";
        File.Copy(CascadeFiles.Find(CascadeFiles.Haar), cascade);
        using ServerProcess server = await ServerProcess.Start(["--face-model", cascade]);
        await using var stream = new Asker(server, "/api/stream");
        byte[] image = Upload.ThreeFaces(".png");
        File.Move(cascade, away);    // streams load it again, with another detection width

        for (int i = 0; i < Times; i++)
        {
            JsonElement problem = await stream.Ask(image);
            Assert.Equal((500, "an error of the server, not of the request; the server's standard error has the details"), (problem.GetProperty("status").GetInt32(), Upload.Detail(problem)));
        }

        (int status, JsonElement refused) = await server.Post("/api/faces", image);
        (int ready, JsonElement notReady) = await server.Get("/readyz");
        File.Move(away, cascade);

        Assert.Equal((500, "an error of the server, not of the request; the server's standard error has the details"), (status, Upload.Detail(refused)));
        Assert.Equal((503, "a generated face cannot be scored; the server's standard error has the details"), (ready, Upload.Detail(notReady)));
        Assert.Equal("ok", await server.Client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        for (int i = 0; i < Times; i++)
        {
            Assert.Equal(3, (await stream.Ask(image)).GetProperty("faces").GetArrayLength());
            Assert.Equal(3, (await server.Post("/api/faces", image)).Body.GetProperty("faces").GetArrayLength());
        }

        await Task.Delay(1100, TestContext.Current.CancellationToken);    // a result stays valid for that long
        Assert.Equal("ok", await server.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Readiness_AskedByManyAtOnce_IsTriedOnce()
    {
        using ServerProcess server = await ServerProcess.Start();

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken)));

        Assert.Equal(["ok"], answers.Distinct());
        string metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        string decoded = metrics.Split('\n').Single(line => line.StartsWith("mlnetemotion_stage_duration_seconds_count", StringComparison.Ordinal) && line.Contains("stage=\"decode\"", StringComparison.Ordinal));
        Assert.True(int.Parse(decoded.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) is 2 or 4, decoded);    // two images per trial; 4 if they took longer than a second
        Assert.DoesNotContain(metrics.Split('\n'), line => line.StartsWith("mlnetemotion_faces_total", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
    }

    private static string Faces(JsonElement answer) =>
        answer.TryGetProperty("faces", out JsonElement faces) ? faces.GetRawText() : answer.GetRawText();

    private static byte[] Large(int width, int height)
    {
        using var small = Frame.FromPixels(new MlNetEmotion.ImageView(SampleFaces.Draw(seed: 5, index: 0), 48, 48, MlNetEmotion.PixelFormat.Gray8));
        using var large = new Frame();
        small.ResizeTo(large, width, height, InterpolationFlags.Linear);
        Cv2.ImEncode(".jpg", large.Mat, out byte[] file);
        return file;
    }

    // The same request to each endpoint.
    private sealed class Asker(ServerProcess server, string path) : IAsyncDisposable
    {
        private ClientWebSocket? socket;

        public async Task<JsonElement> Ask(byte[] image)
        {
            if (path != "/api/stream")
            {
                (int status, JsonElement answer) = await server.Post(path, image);
                Assert.Equal(200, status);
                return answer;
            }

            socket ??= await server.OpenStream();
            return await Upload.Ask(socket, image);
        }

        public ValueTask DisposeAsync()
        {
            socket?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
