using Microsoft.Playwright;
using MlNetEmotion.Tests.Shared;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Page;

/// <summary>The fixture of the page's tests: <c>serve</c> as a user starts it, and Debian's Chromium.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    /// <summary>Generous, because other tests may use the processor too.</summary>
    internal const int PatienceMs = 60_000;

    private const string Chromium = "/usr/bin/chromium";

    private readonly Dictionary<string, IBrowser> chromiums = [];
    private IPlaywright? playwright;
    private PageServer? server;
    private FakeCamera? camera;
    private Browser? browser;
    private IPage? quietPage;

    private static string? WhyNot =>
        !File.Exists(Chromium) ? $"no {Chromium}: ./eng/setup.sh installs it"
        : !File.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot/ort/ort.wasm.min.mjs")) ? "onnxruntime-web was not built in: it takes npm"
        : null;

    public async ValueTask InitializeAsync()
    {
        if (WhyNot is null)
        {
            playwright = await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout(PatienceMs);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        foreach (IBrowser chromium in chromiums.Values)
        {
            await chromium.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        camera?.Dispose();
        playwright?.Dispose();
    }

    /// <summary>The server shared by all tests; started by the first one.</summary>
    internal async Task<PageServer> ServerAsync() => server ??= await PageServer.StartAsync();

    /// <summary>A page that plays nothing, for tests of its modules.</summary>
    internal async Task<IPage> QuietPageAsync()
    {
        browser ??= await OpenAsync();
        return quietPage ??= await browser.OpenAsync((await ServerAsync()).Url, Browser.Quiet);
    }

    /// <summary>Contexts for one test, in a browser that all tests with the same arguments share.</summary>
    internal async Task<Browser> OpenAsync(params string[] args)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        string key = string.Join(' ', args);
        if (!chromiums.TryGetValue(key, out IBrowser? chromium) || !chromium.IsConnected)
        {
            chromium = chromiums[key] = await playwright!.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", .. args] });
        }

        return new Browser(chromium);
    }

    /// <summary>The same, with a camera that shows one frame of the demo.</summary>
    internal Task<Browser> OpenWithCameraAsync() => OpenAsync((camera ??= FakeCamera.Still(FakeCamera.PlainFrame)).Arguments);
}

[CollectionDefinition(nameof(PageFixture))]
public sealed class PageTestGroup : ICollectionFixture<PageFixture>;

/// <summary><c>Detector serve</c> on a separate port.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly string[] args;
    private DetectorProcess process;

    private PageServer(int port, string[] args)
    {
        Url = $"http://127.0.0.1:{port}/";
        this.args = ["serve", "--no-open", "--urls", Url, .. args];
        process = new DetectorProcess(display: null, this.args);
    }

    public string Url { get; }

    public static async Task<PageServer> StartAsync(params string[] args)
    {
        var server = new PageServer(Loopback.FreePort(), args);
        await server.process.WaitForLine("serving on");
        return server;
    }

    public async Task StopAsync()
    {
        process.Signal("TERM");
        await process.Exit();
        process.Dispose();
    }

    public async Task StartAgainAsync()
    {
        process = new DetectorProcess(display: null, args);
        await process.WaitForLine("serving on");
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}

/// <summary>A test's contexts of a browser, and the requests of their pages.</summary>
internal sealed class Browser(IBrowser chromium) : IAsyncDisposable
{
    private readonly List<string> errors = [];
    private readonly List<IBrowserContext> contexts = [];

    /// <summary>Requests reduced motion, so that the demo does not start automatically.</summary>
    public static BrowserNewContextOptions Quiet => new() { ReducedMotion = ReducedMotion.Reduce };

    /// <summary>The URLs of all requests so far.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Opens the page and waits until it can score.</summary>
    public async Task<IPage> OpenAsync(string url, BrowserNewContextOptions? options = null)
    {
        IBrowserContext context = await chromium.NewContextAsync(options);
        contexts.Add(context);
        context.Request += (_, request) => Requests.Add(request.Url);
        context.SetDefaultTimeout(PageFixture.PatienceMs);
        IPage page = await context.NewPageAsync();
        page.WebSocket += (_, socket) => Requests.Add(socket.Url);
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) => errors.AddRange(message.Type == "error" && !IsExpected(message.Text) ? [message.Text] : []);
        await page.GotoAsync(url);
        await page.Locator("#where[data-state=ready]").WaitForAsync();
        return page;
    }

    /// <summary>Simulates that the page is hidden or visible again, which does not happen without a display.</summary>
    public static Task HideAsync(IPage page, bool isHidden) => page.EvaluateAsync(
        "isHidden => { Object.defineProperty(document, 'hidden', { get: () => isHidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }", isHidden);

    /// <summary>Waits for a condition in the page. The page's content security policy blocks Playwright's own method.</summary>
    public static async Task UntilAsync(IPage page, string condition)
    {
        for (int i = 0; !await page.EvaluateAsync<bool>(condition); i++)
        {
            Assert.True(i < PageFixture.PatienceMs / 20, $"not within {PageFixture.PatienceMs} ms: {condition}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a number of the page is the same ten times in half a second, longer than a frame takes, and returns it.</summary>
    public static async Task<double> UntilStillAsync(IPage page, string expression)
    {
        double value = await page.EvaluateAsync<double>(expression);
        for (int same = 0, i = 0; same < 10; i++)
        {
            Assert.True(i < PageFixture.PatienceMs / 50, $"not still within {PageFixture.PatienceMs} ms: {expression}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
            double next = await page.EvaluateAsync<double>(expression);
            (same, value) = (next == value ? same + 1 : 0, next);
        }

        return value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IBrowserContext context in contexts)
        {
            await context.DisposeAsync();
        }

        Assert.Empty(errors);
    }

    // Ignores errors of a server that a test has stopped. A page without a socket does not score, which the tests detect.
    private static bool IsExpected(string message) =>
        message.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal) || message.StartsWith("WebSocket connection to", StringComparison.Ordinal);
}
