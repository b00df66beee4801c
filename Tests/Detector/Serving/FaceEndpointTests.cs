using System.Net;
using System.Text.Json;
using MlNetEmotion.Detector.Faces;
using MlNetEmotion.Programs.Samples;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;
using Photograph = MlNetEmotion.Tests.Shared.Faces.Photograph;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class FaceEndpointTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly ServerProcess server = shared.Process;

    [Fact]
    public async Task Faces_Image_AnswersAsTheDetectorsEvents()
    {
        using var folder = new TemporaryFolder();
        byte[] image = Upload.ThreeFaces(".png");
        string file = Path.Combine(folder.Root, "faces.png");
        File.WriteAllBytes(file, image);
        (_, string events, _) = await DetectorProcess.Run(file, "--headless", "--model", Fixture.Model("tiny"), "--events", "-");
        JsonElement[] expected = [.. events.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

        (int status, JsonElement answer) = await server.Post("/api/faces", image);

        Assert.Equal(200, status);
        Assert.Equal((720, 400), (answer.GetProperty("width").GetInt32(), answer.GetProperty("height").GetInt32()));
        JsonElement[] faces = [.. answer.GetProperty("faces").EnumerateArray()];
        Assert.Equal(3, faces.Length);
        foreach (string field in new[] { "box", "emotion", "shown", "confidence", "probabilities", "pose", "quality", "reason" })
        {
            Assert.Equal(expected.Select(face => face.GetProperty(field).GetRawText()), faces.Select(face => face.GetProperty(field).GetRawText()));
        }

    }

    [Fact]
    public async Task Faces_Cascade_HaveNoLandmarks()
    {
        Platform.NeedsCascades();
        using ServerProcess haar = await ServerProcess.Start(["--face-detector", "haar"]);

        (_, JsonElement answer) = await haar.Post("/api/faces", Upload.ThreeFaces(".png"));

        Assert.Equal([JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Null], answer.GetProperty("faces").EnumerateArray().Select(face => face.GetProperty("landmarks").ValueKind));
        Assert.Equal("""{"name":"haar","url":null}""", (await haar.Get("/api/model")).Body.GetProperty("faceDetector").GetRawText());
        Assert.Equal(404, (await haar.Get("/models/yunet.onnx")).Status);
    }

    [Fact]
    public async Task Faces_FormField_AnswersAsTheBareBody()
    {
        byte[] image = Upload.ThreeFaces(".jpg");
        using var form = new MultipartFormDataContent { { new StringContent("x"), "other" }, { new ByteArrayContent(image), "image", "../../etc/passwd" } };

        using HttpResponseMessage response = await server.Client.PostAsync("/api/faces", form, TestContext.Current.CancellationToken);

        JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (_, JsonElement bare) = await server.Post("/api/faces", image);
        Assert.Equal(bare.GetProperty("faces").GetRawText(), answer.GetProperty("faces").GetRawText());
    }

    [Fact]
    public async Task Faces_YuNet_HaveTheLandmarksThatItFinds()
    {
        byte[] image = File.ReadAllBytes(PhotographOf("img12.jpg"));
        using IFaceDetector detector = FaceDetectors.Load(FaceDetectorKind.YuNet, Photograph.YuNet, new() { DetectWidth = 1280 });
        using var frame = Image.Decode(image);
        FaceLandmarks expected = Assert.Single(detector.Detect(frame).ToArray()).Landmarks!.Value;

        (_, JsonElement answer) = await server.Post("/api/faces", image);

        JsonElement landmarks = Assert.Single(answer.GetProperty("faces").EnumerateArray()).GetProperty("landmarks");
        Assert.Equal(["rightEye", "leftEye", "nose", "rightMouthCorner", "leftMouthCorner"], landmarks.EnumerateObject().Select(point => point.Name));
        Assert.Equal(Math.Round(expected.Nose.X, 2), landmarks.GetProperty("nose").GetProperty("x").GetDouble(), 0.01);    // rounded to two decimals
        Assert.Equal(Math.Round(expected.LeftEye.Y, 2), landmarks.GetProperty("leftEye").GetProperty("y").GetDouble(), 0.01);
        using HttpResponseMessage file = await server.Client.GetAsync("/models/yunet.onnx", TestContext.Current.CancellationToken);
        Assert.Equal(File.ReadAllBytes(Photograph.YuNet), await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Emotions_ManyAtOnce_EachAnswersAsTheClassifierDoes()
    {
        byte[][] faces = [.. Enumerable.Range(0, 60).Select(index => SampleFaces.Draw(seed: 3, index))];
        using var classifier = new EmotionClassifier(Fixture.Model("tiny"));
        EmotionScores[] expected = [.. faces.Select(face => classifier.Classify(new ImageView(face, 48, 48, PixelFormat.Gray8)))];

        (int Status, JsonElement Body)[] answers = await Task.WhenAll(faces.Select(face => server.Post("/api/emotions", Upload.Pgm(face))));

        Assert.All(answers.Zip(expected), pair =>
        {
            Assert.Equal(200, pair.First.Status);
            // Sums of a batch may be rounded differently from those of one face, in the last of seven digits.
            Assert.All(Upload.Expected(pair.Second), one => Assert.Equal((double)one.Value, (double)Upload.Probabilities(pair.First.Body)[one.Key], 2e-6));
            Assert.Equal($"{pair.Second.Top}", pair.First.Body.GetProperty("emotion").GetString());
        });
    }

    [Fact]
    public async Task Emotions_NothingToSee_IsUncertain()
    {
        (_, JsonElement answer) = await server.Post("/api/emotions", Upload.Pgm(new byte[2304]));

        Assert.Equal("Uncertain", answer.GetProperty("shown").GetString());
        Assert.Equal(0.142857m, answer.GetProperty("confidence").GetDecimal());
        Assert.Equal(("dark", """{"sidePixels":48,"sharpness":0,"light":0}"""), (answer.GetProperty("reason").GetString(), answer.GetProperty("quality").GetRawText()));
    }

    [Theory]
    [InlineData("/api/faces")]
    [InlineData("/api/emotions")]
    public async Task Image_ThatIsNone_IsToldAsProblemDetails(string path)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(path, new StringContent("no image"), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        JsonElement problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.Equal("not an image of a known format (BMP, GIF, JPEG, PNG, PNM, TIFF, WebP)", Upload.Detail(problem));
    }

    [Fact]
    public async Task Form_WithoutTheField_NamesIt()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "photo", "a.png" } };

        using HttpResponseMessage response = await server.Client.PostAsync("/api/faces", form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("the form has no field 'image'", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_TellsWhatAnswers()
    {
        (_, JsonElement model) = await server.Get("/api/model");

        Assert.Equal("tiny.onnx", model.GetProperty("name").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Fixture.Model("tiny")))), model.GetProperty("sha256").GetString());
        Assert.Equal("""{"name":"Angry","color":"#d75954"}""", model.GetProperty("emotions")[0].GetRawText());
        Assert.Equal(Emotions.Labels, model.GetProperty("emotions").EnumerateArray().Select(emotion => emotion.GetProperty("name").GetString()));
        Assert.Equal((0.35, 48, 400, 1280), (
            model.GetProperty("uncertainBelow").GetDouble(), model.GetProperty("minFacePixels").GetInt32(),
            model.GetProperty("detectWidth").GetInt32(), model.GetProperty("stillDetectWidth").GetInt32()));
        Assert.Equal("""{"name":"yunet","url":"/models/yunet.onnx"}""", model.GetProperty("faceDetector").GetRawText());
    }

    [Fact]
    public async Task ModelFile_KnownAlready_IsNotSentAgain()
    {
        using HttpResponseMessage first = await server.Client.GetAsync("/models/emotion.onnx", TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/models/emotion.onnx") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        using HttpResponseMessage second = await server.Client.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal(File.ReadAllBytes(Fixture.Model("tiny")), await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task DocsPage_LoadsNothingFromElsewhere()
    {
        string page = await server.Client.GetStringAsync("/docs/", TestContext.Current.CancellationToken);

        Assert.Contains("scalar.js", page, StringComparison.Ordinal);
        Assert.DoesNotContain("//", page.Replace("<!--", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterAImage_CountItsFaces()
    {
        using ServerProcess fresh = await ServerProcess.Start();
        await fresh.Post("/api/faces", Upload.ThreeFaces(".png"));

        string metrics = await fresh.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        string[] lines = [.. metrics.Split('\n')];
        Assert.Contains(lines, line => line.StartsWith("mlnetemotion_faces_total", StringComparison.Ordinal) && line.EndsWith(" 3", StringComparison.Ordinal));
        foreach (string stage in new[] { "decode", "find", "crop", "score" })
        {
            Assert.Contains(lines, line => line.StartsWith("mlnetemotion_stage_duration_seconds_count", StringComparison.Ordinal)
                && line.Contains($"stage=\"{stage}\"", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        }

        Assert.Contains("http_server_request_duration_seconds_count", metrics, StringComparison.Ordinal);
        Assert.Contains("aspnetcore_rate_limiting_active_request_leases", metrics, StringComparison.Ordinal);
    }

    private static string PhotographOf(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/data/photos", name);
        Assert.SkipUnless(File.Exists(path), "the photographs are not here");
        return path;
    }
}
