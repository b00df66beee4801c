using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using MlNetEmotion.Detector.Serving;
using MlNetEmotion.Tests.Shared;

namespace MlNetEmotion.Tests.Detector.Serving;

/// <summary>The server in this process, on a free port: faster than a process, for tests that need neither a command line nor environment variables.</summary>
internal sealed class InProcessServer : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task run;

    private InProcessServer(ServeOptions options, ServeLimits limits, Action<WebApplication> started) =>
        run = Task.Run(() => Server.RunAsync(options, limits, started, stop.Token));

    public WebApplication App { get; private set; } = null!;

    /// <summary>A client with the server's token.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>Starts a server with a small model, and waits until it listens.</summary>
    public static async Task<InProcessServer> Start(string? token = null, ServeLimits? limits = null, string? basePath = null)
    {
        var started = new TaskCompletionSource<WebApplication>();
        var options = new ServeOptions { Urls = "http://127.0.0.1:0", Token = token, BasePath = basePath, Recognition = new() { Model = Fixture.Model("tiny") } };
        var server = new InProcessServer(options, limits ?? new ServeLimits(), started.SetResult);
        await await Task.WhenAny(started.Task, server.run);    // throws if it cannot start
        server.App = await started.Task;
        server.Client.BaseAddress = new Uri(server.App.Urls.First());
        server.Client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run;
        Client.Dispose();
        stop.Dispose();
    }
}
