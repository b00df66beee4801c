using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Programs;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Serving;

public sealed class SecurityTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Secret = "o8Jv5wqkLw2Z";

    private readonly ServerProcess server = shared.Process;

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://example.org:0")]
    [InlineData("http://127.0.0.1:0;http://203.0.113.7:0")]
    public async Task Urls_BeyondThisMachineWithoutAToken_AreRefused(string urls)
    {
        (int exitCode, string output, string error) = await DetectorProcess.RunInProcess("serve", "--no-open", "--urls", urls, "--model", Fixture.Model("tiny"));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("other machines can reach this address", error, StringComparison.Ordinal);
        Assert.Contains("Add '--token SECRET'", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Urls_BeyondThisMachineBySettings_AreRefusedToo()
    {
        using var refused = new ProgramProcess(WithSetting("Kestrel__Endpoints__Any__Url", "http://0.0.0.0:0"));

        (int exitCode, _, string error) = await refused.Exit();

        Assert.Equal(2, exitCode);
        Assert.Contains("other machines can reach this address", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "nonsense", "nonsense: cannot be listened on")]
    [InlineData("--urls", "", "--urls is empty")]
    [InlineData("--token", "", "--token is empty")]
    [InlineData("--base-path", "", "--base-path is empty")]
    [InlineData("--base-path", "https://x/emotions", "--base-path is 'https://x/emotions'; expected a path of letters, digits and -._~, such as /emotions.")]
    [InlineData("--base-path", "/a/../b", "--base-path is '/a/../b'; expected a path")]
    [InlineData("--base-path", "/a%20b", "--base-path is '/a%20b'; expected a path")]
    [InlineData("--model", "/nowhere/model.onnx", "/nowhere/model.onnx: there is no such model file")]
    [InlineData("--face-model", "/nowhere/yunet.onnx", "/nowhere/yunet.onnx: there is no such model file")]
    public async Task Option_ThatCannotBe_IsRefusedInOneLine(string option, string value, string message)
    {
        (int exitCode, _, string error) = await DetectorProcess.RunInProcess("serve", "--no-open", option, value);

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Port_InUse_SaysSo()
    {
        (int exitCode, _, string error) = await DetectorProcess.Run("serve", "--no-open", "--urls", server.Address.ToString(), "--model", Fixture.Model("tiny"));

        Assert.Equal(2, exitCode);
        Assert.Equal($"{server.Address}: another program listens there already. End it, or name another port, for example '--urls http://127.0.0.1:5081'.", error.Trim());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_EndsInOrder(string signal)
    {
        using ServerProcess ended = await ServerProcess.Start();
        using ClientWebSocket socket = await ended.OpenStream();

        ended.Signal(signal);

        (int exitCode, string output, string error) = await ended.Exit();
        Assert.Equal((0, ""), (exitCode, error));
        Assert.EndsWith("stopped\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/nothing", 404)]
    [InlineData("/docs/", 200)]
    [InlineData("/api/model", 200)]
    public async Task Answer_OfAnyKind_HasTheHeaders(string path, int status)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        string policy = Header(response, "Content-Security-Policy");
        Assert.StartsWith("default-src 'none'; script-src 'self' ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'; base-uri 'none'; form-action 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(
            ("same-origin", "require-corp", "nosniff", "no-referrer"),
            (Header(response, "Cross-Origin-Opener-Policy"), Header(response, "Cross-Origin-Embedder-Policy"), Header(response, "X-Content-Type-Options"), Header(response, "Referrer-Policy")));
        Assert.Equal(("same-origin", "camera=(self), microphone=()"), (Header(response, "Cross-Origin-Resource-Policy"), Header(response, "Permissions-Policy")));
        Assert.Contains(path is "/api/model" or "/docs/" ? "no-store" : "no-cache", Header(response, "Cache-Control"), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("https://example.org", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData("http://evil.OWN", HttpStatusCode.Forbidden)] // ends as the own one does
    [InlineData("http://OWN.evil", HttpStatusCode.Forbidden)] // begins so
    [InlineData("https://OWN", HttpStatusCode.Forbidden)]
    [InlineData("http://OWN", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task Post_FromAnOrigin_IsTakenFromItsOwnAlone(string? origin, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/emotions") { Content = new ByteArrayContent(Upload.Pgm(new byte[2304])) };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin.Replace("OWN", server.Address.Authority, StringComparison.Ordinal));
        }

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Delete_FromAnotherOrigin_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/videos/0") { Headers = { { "Origin", "https://example.org" } } };

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Stream_FromAnotherOrigin_IsRefused()
    {
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => server.OpenStream("https://example.org"));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);

        using ClientWebSocket own = await server.OpenStream(server.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal(WebSocketState.Open, own.State);
    }

    [Theory]
    [InlineData("/../../../../../../etc/passwd")]
    [InlineData("/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/models/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/videos/..%2f..%2f..%2fetc%2fpasswd/events")]
    [InlineData("//etc/passwd")]
    public async Task Path_OutOfTheFolder_IsNotFound(string path)
    {
        // Sent by hand, because a client would normalize the path.
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, server.Address.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_IsAskedForEverywhereButForTheHealth()
    {
        using ServerProcess closed = await ServerProcess.Start(["--token", Secret], "http://0.0.0.0:0");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{closed.Address.Port}") };

        Assert.Equal(HttpStatusCode.OK, await Status(client, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, await Status(client, "/readyz"));
        foreach (string path in new[] { "/", "/api/model", "/models/emotion.onnx", "/metrics", "/openapi/v1.json", "/docs/", "/api/stream", "/?token=wrong", $"/api/model?token={Secret}" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(client, path));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await Status(client, "/api/model", bearer: Secret[..^1]));
        Assert.Equal(HttpStatusCode.OK, await Status(client, "/api/model", bearer: Secret));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "0123456789abcde", "a token of 15 characters can be guessed; expected at least 16, for example from 'openssl rand -hex 32'.")]
    [InlineData("http://0.0.0.0:0", "x", "a token of 1 character can be guessed")]
    [InlineData("http://0.0.0.0:0", "0123456789abcdef", null)]
    [InlineData("http://127.0.0.1:0", "x", null)]
    public async Task Token_ShortAndReachable_IsWarnedOf(string urls, string token, string? warning)
    {
        using ServerProcess closed = await ServerProcess.Start(["--token", token], urls);
        closed.Stop();

        (int exitCode, _, string error) = await closed.Exit();

        Assert.Equal((0, warning is null ? 0 : 1), (exitCode, error.Count(c => c == '\n')));
        Assert.Contains(warning ?? "", error, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcde", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_InThePagesAddress_BecomesACookie()
    {
        using ServerProcess closed = await ServerProcess.Start(settings: $"MLNETEMOTION_TOKEN={Secret}");
        Assert.Equal($"sign in at {closed.Address} with the token", await closed.WaitForLine("sign in at "));    // a file or journal does not get the token
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = closed.Address };

        using HttpResponseMessage opened = await client.GetAsync($"/?token={Secret}", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "./"), (opened.StatusCode, opened.Headers.Location!.OriginalString));    // relative: a proxy may add a path
        string cookie = Header(opened, "Set-Cookie");
        Assert.Contains("; samesite=strict; httponly", cookie, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/model") { Headers = { { "Cookie", cookie.Split(';')[0] } } };
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080", "http://localhost:5080")]
    [InlineData("https://[::]:5443", "https://localhost:5443")]
    [InlineData("http://127.0.0.1:5080", "http://127.0.0.1:5080")]
    public void Reachable_AddressOfAllInterfaces_IsOneThatABrowserOpens(string url, string expected) => Assert.Equal(expected, Browser.Reachable(url));

    [Fact]
    public async Task Token_OnATerminal_IsInTheAddressThatSignsIn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "needs util-linux' script");
        System.Diagnostics.ProcessStartInfo start = DetectorProcess.Start(
            display: null, dataFolder: null, ["serve", "--no-open", "--model", Fixture.Model("tiny"), "--urls", "http://0.0.0.0:0", "--token", "a+b c&d=0123456789", "--base-path", "emotions"]);
        string command = string.Join(' ', start.ArgumentList.Prepend(start.FileName).Select(ShellQuote.Quote));
        start.FileName = "sh";
        start.ArgumentList.Clear();
        Array.ForEach(["-c", $"exec script -qec {ShellQuote.Quote(command)} /dev/null < /dev/null"], start.ArgumentList.Add);
        using var terminal = new ProgramProcess(start);

        string line = await terminal.WaitForLine("sign in at ");
        terminal.KillAll();

        Assert.Matches("^sign in at http://localhost:[1-9][0-9]*/emotions/[?]token=a%2Bb%20c%26d%3D0123456789$", line);
    }

    private static System.Diagnostics.ProcessStartInfo WithSetting(string name, string value)
    {
        System.Diagnostics.ProcessStartInfo start = DetectorProcess.Start(display: null, dataFolder: null, ["serve", "--no-open", "--model", Fixture.Model("tiny")]);
        start.Environment[name] = value;
        return start;
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string path, string? bearer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
