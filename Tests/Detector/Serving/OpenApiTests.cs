using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The server's OpenAPI document.</summary>
public sealed class OpenApiTests
{
    private const string Token = "o8Jv5wqkLw2Z";

    private static readonly string Linter = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../Linter/node_modules/@redocly/cli/bin/cli.js");

    [Fact]
    public async Task Document_HasWhatGeneratorsNeed()
    {
        await using InProcessServer server = await InProcessServer.Start();

        JsonElement document = await Read(server);

        Assert.Equal("3.0.4", document.GetProperty("openapi").GetString());
        Assert.Equal(
            [
                "delete /api/videos/{id} deleteVideo Videos", "get /api/model getModel Model", "get /api/videos/{id} getVideo Videos", "get /api/videos/{id}/events getVideoEvents Videos",
                "post /api/emotions scoreFace Images", "post /api/faces findFaces Images", "post /api/videos sendVideo Videos",
            ],
            document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation =>
                $"{operation.Name} {path.Name} {operation.Value.GetProperty("operationId")} {operation.Value.GetProperty("tags")[0]}")).Order(StringComparer.Ordinal));
        Assert.Equal(["Images", "Model", "Videos"], document.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        JsonElement body = At(document, "paths", "/api/faces", "post", "requestBody", "content");
        Assert.Equal(["application/octet-stream", "image/*", "multipart/form-data"], body.EnumerateObject().Select(type => type.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""{"type":"string","format":"binary"}""", Text(At(body, "image/*", "schema")));
        Assert.Equal(
            ("""{"type":"string","format":"binary"}""", "image/*"),
            (Text(At(body, "multipart/form-data", "schema", "properties", "image")), At(body, "multipart/form-data", "encoding", "image", "contentType").GetString()));
        Assert.Equal("""{"type":"string","format":"binary"}""", Text(At(document, "paths", "/api/videos", "post", "requestBody", "content", "video/*", "schema")));
        Assert.Equal("#/components/schemas/FaceEvent", At(document, "paths", "/api/videos/{id}/events", "get", "responses", "200", "content", "application/jsonl", "schema", "$ref").GetString());
    }

    [Fact]
    public async Task Responses_HaveExamplesAndTheirHeaders()
    {
        await using InProcessServer server = await InProcessServer.Start();

        JsonElement document = await Read(server);

        JsonProperty[] responses = [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).SelectMany(operation => operation.Value.GetProperty("responses").EnumerateObject())];
        Assert.Equal(
            ["202 Location", "401 WWW-Authenticate", "429 Retry-After", "503 Retry-After"],
            responses.Where(response => response.Value.TryGetProperty("headers", out _))
                .SelectMany(response => response.Value.GetProperty("headers").EnumerateObject().Select(header => $"{response.Name} {header.Name}")).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["204"], responses.Where(response => !response.Value.TryGetProperty("content", out _)).Select(response => response.Name));
        Assert.All(
            responses.Where(response => response.Name != "204").SelectMany(response => response.Value.GetProperty("content").EnumerateObject()),
            content => Assert.True(content.Value.TryGetProperty("example", out _)));
    }

    [Fact]
    public async Task Emotions_AreOneEnumInAllResponses()
    {
        await using InProcessServer server = await InProcessServer.Start();

        JsonElement schemas = At(await Read(server), "components", "schemas");

        string labels = "\"Angry\",\"Disgust\",\"Fear\",\"Happy\",\"Sad\",\"Surprise\",\"Neutral\"";
        Assert.Equal(("string", $"[{labels}]"), (At(schemas, "Emotion", "type").GetString(), Text(At(schemas, "Emotion", "enum"))));
        Assert.Equal($"[{labels},\"Uncertain\"]", Text(At(schemas, "ShownEmotion", "enum")));
        Assert.Equal(Emotions.Labels, At(schemas, "Probabilities", "required").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal(Emotions.Labels, At(schemas, "Probabilities", "properties").EnumerateObject().Select(label => label.Name));
        foreach (string response in new[] { "FaceResponse", "EmotionsResponse", "FaceEvent" })
        {
            Assert.Equal(
                ["#/components/schemas/Emotion", "#/components/schemas/ShownEmotion", "#/components/schemas/Probabilities"],
                new[] { "emotion", "shown", "probabilities" }.Select(name => At(schemas, response, "properties", name, "$ref").GetString()));
        }

        Assert.Equal("#/components/schemas/Emotion", At(schemas, "EmotionResponse", "properties", "name", "$ref").GetString());
    }

    [Theory]
    [InlineData(null, null, "/", """[{},{"bearer":[]},{"cookie":[]}]""")]
    [InlineData(Token, "emotions", "/emotions", """[{"bearer":[]},{"cookie":[]}]""")]
    public async Task Document_OfAServer_HasItsPathAndSecurity(string? token, string? basePath, string path, string security)
    {
        await using InProcessServer server = await InProcessServer.Start(token, basePath: basePath);

        JsonElement document = await Read(server, $"{path.TrimEnd('/')}/openapi/v1.json");

        Assert.Equal(path, Assert.Single(document.GetProperty("servers").EnumerateArray()).GetProperty("url").GetString());
        Assert.Equal(security, Text(document.GetProperty("security")));
        JsonElement schemes = At(document, "components", "securitySchemes");
        Assert.Equal(("http", "bearer"), (At(schemes, "bearer", "type").GetString(), At(schemes, "bearer", "scheme").GetString()));
        Assert.Equal(
            ("apiKey", "cookie", "mlnetemotion-token"),
            (At(schemes, "cookie", "type").GetString(), At(schemes, "cookie", "in").GetString(), At(schemes, "cookie", "name").GetString()));
        Assert.Equal(Status(200), await StatusOf(server, $"mlnetemotion-token={Token}"));
        Assert.Equal(Status(token is null ? 200 : 401), await StatusOf(server, "mlnetemotion-token=other"));
    }

    [Fact]
    public async Task Examples_OfRequests_AreTaken()
    {
        await using InProcessServer server = await InProcessServer.Start();
        JsonElement document = await Read(server);
        foreach (string path in new[] { "/api/faces", "/api/emotions" })
        {
            string image = At(document, "paths", path, "post", "requestBody", "content", "image/*", "example").GetString()!;

            using HttpResponseMessage response = await server.Client.PostAsync(path, new ByteArrayContent(Encoding.ASCII.GetBytes(image)), TestContext.Current.CancellationToken);

            Assert.Equal(Status(200), response.StatusCode);
        }

        string video = At(document, "paths", "/api/videos", "post", "requestBody", "content", "video/*", "examples", "demo", "externalValue").GetString()!;
        using HttpResponseMessage file = await server.Client.GetAsync(new Uri(new Uri(server.Client.BaseAddress!, "/openapi/v1.json"), video), TestContext.Current.CancellationToken);
        Assert.Equal((Status(200), "video/webm"), (file.StatusCode, file.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Linter_FindsNothing()
    {
        Assert.SkipUnless(File.Exists(Linter), $"no {Path.GetFullPath(Linter)}: ./eng/setup.sh installs it");
        await using InProcessServer open = await InProcessServer.Start();
        await using InProcessServer closed = await InProcessServer.Start(Token, basePath: "/emotions");
        using var folder = new TemporaryFolder();
        string[] files = [Path.Combine(folder.Root, "open.json"), Path.Combine(folder.Root, "closed.json")];
        File.WriteAllText(files[0], Text(await Read(open)));
        File.WriteAllText(files[1], Text(await Read(closed)));
        var start = new ProcessStartInfo("node", [Linter, "lint", "--extends", "recommended-strict", .. files])
        {
            WorkingDirectory = folder.Root,    // no configuration of another project
            Environment = { ["REDOCLY_TELEMETRY"] = "off", ["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true" },
        };

        using var linter = new ProgramProcess(start);
        (int exitCode, string output, string error) = await linter.Exit();

        Assert.True(exitCode == 0 && !error.Contains("generated by", StringComparison.Ordinal), output + error);
        Assert.Equal(2, error.Split("validating ").Length - 1);
    }

    private static async Task<JsonElement> Read(InProcessServer server, string path = "/openapi/v1.json") =>
        JsonElement.Parse(await server.Client.GetStringAsync(path, TestContext.Current.CancellationToken));

    private static JsonElement At(JsonElement json, params string[] names) => names.Aggregate(json, (at, name) => at.GetProperty(name));

    private static string Text(JsonElement json) => JsonSerializer.Serialize(json);

    private static System.Net.HttpStatusCode Status(int code) => (System.Net.HttpStatusCode)code;

    private static async Task<System.Net.HttpStatusCode> StatusOf(InProcessServer server, string cookie)
    {
        using var client = new HttpClient { BaseAddress = server.Client.BaseAddress, DefaultRequestHeaders = { { "Cookie", cookie } } };
        using HttpResponseMessage response = await client.GetAsync("/api/model", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
