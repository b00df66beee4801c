using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using MlNetEmotion.Tests.Shared;
using MlNetEmotion.Tests.Trainer.Data;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The server behind a proxy: under a path, with a rewritten host, and who may say so.</summary>
public sealed class ProxyTests
{
    private static readonly byte[] Face = Upload.Pgm(new byte[2304]);

    [Fact]
    public async Task Request_ThroughANamedProxy_IsItsOwnSiteAndGetsItsAddresses()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Proxies=127.0.0.1", "AllowedHosts=emotions.example.org"]);
        (string, string)[] headers = Forwarded("emotions.example.org");

        using HttpResponseMessage face = await Send(server, HttpMethod.Post, "/api/emotions", "https://emotions.example.org", headers);
        using HttpResponseMessage model = await Send(server, HttpMethod.Get, "/api/model", null, headers);

        Assert.Equal(HttpStatusCode.OK, face.StatusCode);
        JsonElement answer = JsonElement.Parse(await model.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            ("/emotions/models/emotion.onnx", "/emotions/models/yunet.onnx"),
            (answer.GetProperty("modelUrl").GetString(), answer.GetProperty("faceDetector").GetProperty("url").GetString()));
    }

    [Theory]
    [InlineData("Proxies=10.0.0.1", "emotions.example.org", HttpStatusCode.Forbidden)]            // the headers of others are ignored
    [InlineData("Proxies=10.0.0.0/8", "emotions.example.org", HttpStatusCode.Forbidden)]
    [InlineData("Proxies=127.0.0.0/8", "emotions.example.org", HttpStatusCode.OK)]
    [InlineData("Proxies=127.0.0.1", "rebound.example.org", HttpStatusCode.BadRequest)]           // the forwarded host is checked too
    [InlineData("AllowedHosts=*", "emotions.example.org", HttpStatusCode.Forbidden)]
    public async Task ForwardedHost_OfAnyone_CountsFromNamedProxiesForAllowedHostsAlone(string setting, string host, HttpStatusCode expected)
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["AllowedHosts=emotions.example.org", setting]);

        using HttpResponseMessage response = await Send(server, HttpMethod.Post, "/api/emotions", $"https://{host}", Forwarded(host));

        Assert.Equal(expected, response.StatusCode);
    }

    // DNS rebinding: the page of a name that resolves to this machine can send a proxy's headers, and comes from its address.
    [Theory]
    [InlineData("rebound.example.org", "emotions.example.org")]
    [InlineData("rebound.example.org", "localhost")]
    [InlineData("rebound.example.org", "rebound.example.org")]
    [InlineData("localhost", "rebound.example.org")]
    public async Task Host_OfAReboundName_IsRefusedWhateverItForwards(string host, string forwarded)
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Proxies=127.0.0.1", "AllowedHosts=emotions.example.org;*"]);

        using HttpResponseMessage response = await Send(server, HttpMethod.Get, "/api/model", null, [("Host", host), .. Forwarded(forwarded)]);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData(null, "/emotions")]
    [InlineData("emotions/", "/other")]
    public async Task BasePath_OfAProxyThatKeepsIt_IsInAllAddresses(string? option, string setting)
    {
        using ServerProcess server = await ServerProcess.Start(option is null ? [] : ["--base-path", option], settings: [$"BasePath={setting}"]);

        (int status, JsonElement model) = await server.Get("/emotions/api/model");

        Assert.Equal((200, "/emotions/models/emotion.onnx"), (status, model.GetProperty("modelUrl").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/emotions/", TestContext.Current.CancellationToken)).StatusCode);
        (_, JsonElement video) = await server.Post("/emotions/api/videos", await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "wwwroot/demo.webm"), TestContext.Current.CancellationToken));
        Assert.Equal($"/emotions/api/videos/{video.GetProperty("id")}/events", video.GetProperty("events").GetString());
        Assert.Equal(200, (await server.Get($"/emotions/api/videos/{video.GetProperty("id")}")).Status);
    }

    [Fact]
    public async Task BasePath_WithoutItsSlash_LeadsToTheSignInPage()
    {
        await using InProcessServer server = await InProcessServer.Start("o8Jv5wqkLw2Z", basePath: "/a/emotions");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress, DefaultRequestHeaders = { { "Accept", "text/html" } } };

        using HttpResponseMessage slash = await client.GetAsync("/a/emotions?token=x", TestContext.Current.CancellationToken);
        using HttpResponseMessage page = await client.GetAsync("/a/emotions/", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "emotions/?token=x"), (slash.StatusCode, slash.Headers.Location!.OriginalString));
        Assert.Equal((HttpStatusCode.Unauthorized, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("/", "text/html,*/*", "text/html", false)]
    [InlineData("/?token=wrong", "text/html", "text/html", true)]
    [InlineData("/", "application/json", "application/problem+json", false)]
    [InlineData("/api/model", "text/html", "application/problem+json", false)]
    public async Task Token_Missing_GivesBrowsersASignInPage(string path, string accept, string type, bool isWrong)
    {
        using ServerProcess server = await ServerProcess.Start(["--token", "o8Jv5wqkLw2Z"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", accept } } };

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Unauthorized, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(type == "text/html", body.Contains("<input name=\"token\" type=\"password\"", StringComparison.Ordinal));
        Assert.Equal(isWrong, body.Contains("That is not this server’s token.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxies_ThatAreNoAddress_AreRefused()
    {
        ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, ["serve", "--no-open", "--model", Fixture.Model("tiny"), "--urls", "http://127.0.0.1:0"]);
        start.Environment["Proxies"] = "nginx";
        using var refused = new ProgramProcess(start);

        (int exitCode, _, string error) = await refused.Exit();

        Assert.Equal((2, "Proxies: 'nginx' is no address; expected IP addresses or networks separated by ';', for example '127.0.0.1;10.0.0.0/8'.\n"), (exitCode, error));
    }

    // As docs/serve.md shows: the path is cut off, the host is the proxy's own idea, the headers say the rest.
    [Fact]
    public async Task Nginx_UnderAPath_PassesPostsAndTheStream()
    {
        using ServerProcess server = await ServerProcess.Start(settings: ["Proxies=127.0.0.1"]);
        using NginxProcess nginx = await NginxProcess.Start(server.Address);

        using HttpResponseMessage face = await Send(nginx.Client, HttpMethod.Post, "/emotions/api/emotions", $"http://{nginx.Authority}", []);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", $"http://{nginx.Authority}");
        await socket.ConnectAsync(new Uri($"ws://{nginx.Authority}/emotions/api/stream"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, face.StatusCode);
        Assert.Equal(WebSocketState.Open, socket.State);
    }

    [Fact]
    public async Task Nginx_ThatTheServerDoesNotKnow_IsRefusedWithTheReason()
    {
        using ServerProcess server = await ServerProcess.Start();
        using NginxProcess nginx = await NginxProcess.Start(server.Address);

        using HttpResponseMessage face = await Send(nginx.Client, HttpMethod.Post, "/emotions/api/emotions", $"http://{nginx.Authority}", []);

        Assert.Equal(HttpStatusCode.Forbidden, face.StatusCode);
        Assert.Equal(
            $"this request comes from the page of another site; expected the origin http://{server.Address.Authority}. Behind a proxy, name its address in the setting 'Proxies'",
            Upload.Detail(JsonElement.Parse(await face.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))));
    }

    private static (string, string)[] Forwarded(string host) =>
        [("X-Forwarded-Host", host), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/emotions"), ("X-Forwarded-For", "192.0.2.7")];

    private static Task<HttpResponseMessage> Send(ServerProcess server, HttpMethod method, string path, string? origin, (string, string)[] headers) =>
        Send(server.Client, method, path, origin, headers);

    private static async Task<HttpResponseMessage> Send(HttpClient client, HttpMethod method, string path, string? origin, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? new ByteArrayContent(Face) : null };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

/// <summary>Debian's nginx on a loopback port, with the server under <c>/emotions/</c>.</summary>
internal sealed class NginxProcess : IDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly TemporaryFolder folder;
    private readonly ProgramProcess process;

    private NginxProcess(TemporaryFolder folder, int port)
    {
        this.folder = folder;
        process = new ProgramProcess(new ProcessStartInfo(Program, ["-p", folder.Root, "-c", Path.Combine(folder.Root, "nginx.conf"), "-e", Path.Combine(folder.Root, "error.log")]));
        Authority = $"127.0.0.1:{port}";
        Client = new HttpClient { BaseAddress = new Uri($"http://{Authority}") };
    }

    public string Authority { get; }

    public HttpClient Client { get; }

    public static async Task<NginxProcess> Start(Uri server)
    {
        Assert.SkipUnless(File.Exists(Program), $"no {Program}: apt-get install nginx-light");
        int port = Loopback.FreePort();
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Root, "nginx.conf"), $$"""
            daemon off; master_process off; pid nginx.pid;
            events { }
            http {
              access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              map $http_upgrade $connection_upgrade { default upgrade; '' close; }
              server {
                listen 127.0.0.1:{{port}};
                client_max_body_size 256m;
                location /emotions/ {
                  proxy_pass http://{{server.Authority}}/;
                  proxy_http_version 1.1;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_set_header X-Forwarded-Host $http_host;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Prefix /emotions;
                  proxy_set_header X-Forwarded-For $remote_addr;
                }
              }
            }
            """);
        var nginx = new NginxProcess(folder, port);
        for (int i = 0; !await nginx.IsUp(); i++)
        {
            Assert.True(i < 300, "nginx does not start");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        return nginx;
    }

    public void Dispose()
    {
        process.Dispose();
        Client.Dispose();
        folder.Dispose();
    }

    private async Task<bool> IsUp()
    {
        try
        {
            using HttpResponseMessage response = await Client.GetAsync("/emotions/healthz", TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
