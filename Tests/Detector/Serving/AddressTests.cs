using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>Responses common to all paths: HEAD, other methods, other host names, metrics.</summary>
public sealed class AddressTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly ServerProcess server = shared.Process;

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/metrics")]
    [InlineData("/api/model")]
    [InlineData("/models/emotion.onnx")]
    [InlineData("/models/yunet.onnx")]
    [InlineData("/api/videos/none")]
    [InlineData("/api/videos/none/events")]
    [InlineData("/api/stream")]
    [InlineData("/nothing")]
    public async Task Head_OfAnyAddress_AnswersAsGetWithoutABody(string path)
    {
        using HttpResponseMessage get = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection.GetStream());
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"HTTP/1.1 {(int)get.StatusCode} ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(answer.Length - 4, answer.IndexOf("\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal(get.Content.Headers.ContentType?.MediaType ?? "", ContentType(answer));
    }

    [Fact]
    public async Task Head_OfAFile_HasItsLengthAndTag()
    {
        using HttpResponseMessage get = await server.Client.GetAsync("/models/emotion.onnx", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/models/emotion.onnx");
        using HttpResponseMessage head = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((get.Content.Headers.ContentLength, get.Headers.ETag), (head.Content.Headers.ContentLength, head.Headers.ETag));
        Assert.NotNull(head.Headers.ETag);
    }

    [Theory]
    [InlineData("GET", "/api/faces", "this address does not support GET; expected POST")]
    [InlineData("PUT", "/api/model", "this address does not support PUT; expected GET")]
    public async Task Method_ThatAnAddressHasNot_IsToldWhatItHas(string method, string path, string detail)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, detail), (response.StatusCode, await Detail(response)));
    }

    [Fact]
    public async Task Address_ThatIsNone_PointsToTheDocs() =>
        Assert.Equal("there is no such address; /docs lists the existing ones", Upload.Detail((await server.Get("/nothing")).Body));

    [Theory]
    [InlineData("rebound.example.org", false)]
    [InlineData("localhost.example.org", false)]
    [InlineData("127.0.0.2", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1", true)]
    [InlineData("[::1]:5080", true)]
    public async Task Host_OfAnotherName_IsToldAsProblemDetails(string host, bool isAllowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Headers = { Host = host } };
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        if (isAllowed)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return;
        }

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal($"this server does not answer to the name '{host}'; expected localhost, 127.0.0.1, [::1]", await Detail(response));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Host_WithAToken_IsAnyUnlessSettingsNameThem()
    {
        using ServerProcess any = await ServerProcess.Start(["--token", "0123456789abcdef"]);
        using ServerProcess named = await ServerProcess.Start(["--token", "0123456789abcdef"], settings: "AllowedHosts=faces.example.org;*.example.net");

        Assert.Equal(200, await Health(any, "other.example.org"));
        Assert.Equal(400, await Health(named, "other.example.org"));
        Assert.Equal(200, await Health(named, "faces.example.org"));
        Assert.Equal(200, await Health(named, "a.example.net"));

        static async Task<int> Health(ServerProcess server, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Headers = { Host = host } };
            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return (int)response.StatusCode;
        }
    }

    [Theory]
    [InlineData("A=b", "MlNetEmotion.Detector")]
    [InlineData("OTEL_SERVICE_NAME=cameras", "cameras")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES=service.name=doors", "doors")]
    public async Task Metrics_Resource_NamesTheServiceUnlessTheEnvironmentDoes(string setting, string name)
    {
        using ServerProcess counted = await ServerProcess.Start(settings: setting);
        await counted.Client.GetStringAsync("/healthz", TestContext.Current.CancellationToken);

        string metrics = await counted.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        string target = Assert.Single(metrics.Split('\n'), line => line.StartsWith("target_info{", StringComparison.Ordinal));
        Assert.Contains($"service_name=\"{name}\"", target, StringComparison.Ordinal);
        Assert.Contains($"service_version=\"{MlNetEmotion.Programs.ProductVersion.Current}\"", target, StringComparison.Ordinal);
    }

    private static string ContentType(string answer) =>
        answer.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Type: ", StringComparison.Ordinal))?["Content-Type: ".Length..].Split(';')[0] ?? "";

    private static async Task<string> Detail(HttpResponseMessage response) =>
        Upload.Detail(JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
}
