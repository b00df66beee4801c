using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The web server of <c>Detector serve</c>: its services, middleware and endpoints.</summary>
internal static class Server
{
    private const string ServiceName = "MlNetEmotion.Detector";
    private const int TcpUserTimeout = 18;    // TCP_USER_TIMEOUT of Linux; connections inherit it from the listening socket

    private static readonly string WebRoot = Path.Combine(AppContext.BaseDirectory, "wwwroot");
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Never = TimeSpan.FromDays(365);    // an infinite time overflows in Kestrel and expires at once
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(ServeOptions options, CancellationToken stop)
    {
        await RunAsync(options, limits: null, app => Announce(app, options), stop);
        Console.WriteLine("stopped");
        return ExitCodes.Success;
    }

    /// <param name="limits">Null for those of the configuration.</param>
    /// <param name="started">Called when the server listens.</param>
    public static async Task RunAsync(ServeOptions options, ServeLimits? limits, Action<WebApplication> started, CancellationToken stop)
    {
        string[] urls = Parts(options.Urls);
        string? empty = urls.Length == 0 ? "--urls" : string.IsNullOrWhiteSpace(options.Token ?? "-") ? "--token" : string.IsNullOrWhiteSpace(options.BasePath ?? "-") ? "--base-path" : null;
        if (empty is not null)
        {
            throw new UsageException($"{empty} is empty; leave it out, or give it a value.");
        }

        OpenCvLibrary.SetThreads(1);    // images are processed in parallel

        // Decoding and scoring block pool threads, in addition to those that send and receive.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, (2 * Environment.ProcessorCount) + 8), ports);

        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Not the working folder, which may hold another program's appsettings.json.
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Directory.Exists(WebRoot) ? WebRoot : null,    // a missing folder would be created
        });
        limits ??= builder.Configuration.GetSection("Limits").Get<ServeLimits>() ?? new ServeLimits();
        using var metrics = new ServeMetrics();
        using var recognizer = new Recognizer(options, limits, metrics);
        using var folder = new TemporaryFolder();
        using var videos = new VideoJobs(options.Recognition, limits, recognizer.Model, folder.Path);
        AddServices(builder, urls, options.Token, limits);
        builder.Services.AddSingleton(metrics).AddSingleton(recognizer).AddSingleton(videos);
        await using WebApplication app = builder.Build();
        AddMiddleware(app, options, limits);
        Map(app, options, limits, recognizer);
        await StartAsync(app, string.Join(";", urls), stop);
        started(app);
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        using var timeout = new CancellationTokenSource(ShutdownTimeout, RunningTime.Clock);
        await app.StopAsync(timeout.Token);
    }

    private static void Announce(WebApplication app, ServeOptions options)
    {
        string page = $"{Browser.Reachable(app.Urls.First())}{BasePath(app, options)}/";
        string signIn = options.Token is null ? page : SignInPage.AddressOf(page, options.Token);
        if (!options.NoOpen)
        {
            Browser.Open(signIn);
        }

        Console.WriteLine($"serving on {string.Join(", ", app.Urls)}; Ctrl+C stops");
        if (options.Token is not null)
        {
            // A file or a journal would keep the token; a terminal shows it to the person who has set it.
            Console.WriteLine(Console.IsOutputRedirected ? $"sign in at {page} with the token" : $"sign in at {signIn}");
        }
    }

    // The option, or else the setting, with a slash before it; empty if there is none.
    private static string BasePath(WebApplication app, ServeOptions options)
    {
        string given = options.BasePath ?? app.Configuration[nameof(options.BasePath)] ?? "";
        string path = given.Trim('/');
        return path.Length == 0 ? "" : path.Split('/').All(IsSegment)
            ? $"/{path}"
            : throw new UsageException($"{(options.BasePath is null ? "BasePath" : "--base-path")} is '{given}'; expected a path of letters, digits and -._~, such as /emotions.");

        static bool IsSegment(string part) => part.Trim('.').Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || "-._~".Contains(c, StringComparison.Ordinal));
    }

    private static void AddServices(WebApplicationBuilder builder, string[] urls, string? token, ServeLimits limits)
    {
        // Standard error gets internal errors only: clients receive their own errors as responses, and nothing about their images is logged.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Error).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical)    // else a line per aborted sender
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls(urls);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = Listen);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = limits.Connections;
            kestrel.Limits.MaxRequestBodySize = ServeLimits.Bytes(limits.PictureMegabytes);
            kestrel.Limits.KeepAliveTimeout = kestrel.Limits.RequestHeadersTimeout = Never;    // replaced by IdleConnection
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                Security.CheckReach(endpoint, token, Console.Error.WriteLine);
                IdleConnection.Watch(endpoint);
            });
        });
        IServiceCollection services = builder.Services;
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);    // RunAsync has its own
        services.Configure<HostFilteringOptions>(hosts => hosts.AllowedHosts = ["*"]);    // Security.CheckHost looks, and says why in the API's own format
        services.AddSingleton(limits).AddSingleton<ImageBodies>().AddSingleton(new VideoUploads(limits, RunningTime.Clock)).AddSingleton<Readiness>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problem.Explain);
        services.AddRequestDecompression();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        RateLimits.Add(services, limits);
        ApiDescription.AddServices(services, needsToken: token is not null);
        services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource
                .AddService(ServiceName, serviceVersion: ProductVersion.Current)
                .AddEnvironmentVariableDetector())    // last, so that OTEL_SERVICE_NAME counts
            .WithMetrics(meters => meters
                .AddMeter(ServeMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting")
                .AddPrometheusExporter());
    }

    // The system detects vanished peers, because the data sent to them (at least a ping) is not acknowledged. A timeout for pongs would drop peers that
    // answered while this process was suspended. Systems other than Linux use their own timeout.
    private static Socket Listen(EndPoint endpoint)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (OperatingSystem.IsLinux() && endpoint is IPEndPoint)
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, BitConverter.GetBytes((int)PeerTimeout.TotalMilliseconds));
        }

        return socket;
    }

    // The order matters: the cheapest checks come first.
    private static void AddMiddleware(WebApplication app, ServeOptions options, ServeLimits limits)
    {
        // DNS rebinding: a site whose name resolves to this machine would be same-origin. With a token the site is locked out anyway.
        string[] named = Parts(app.Configuration["AllowedHosts"]);
        string[] proxies = Parts(app.Configuration["Proxies"]);
        string[] hosts = options.Token is null ? ["localhost", "127.0.0.1", "[::1]", .. proxies.Length > 0 ? named.Where(static name => name != "*") : []]
            : named.Length > 0 ? named : ["*"];
        app.Use(IdleConnection.KeepAsync);
        app.Use(Security.AddHeaders);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = static failure => failure.Exception is BadHttpRequestException or OperationCanceledException,
        });
        app.UseStatusCodePages();
        app.Use(Security.CheckHost(hosts));
        if (proxies.Length > 0)
        {
            app.UseForwardedHeaders(Security.TrustProxies(proxies));
            app.Use(Security.CheckHost(hosts));
        }

        string basePath = BasePath(app, options);
        app.UsePathBase(basePath);
        app.Use((context, next) => context.Request.Path.HasValue ? next(context) : AddSlashAsync(context, basePath));
        app.Use(HeadRequest.AnswerAsGet);
        app.UseRouting();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingInterval });
        if (options.Token is { } token)
        {
            app.Use(Security.CheckToken(token));
        }

        app.Use(Security.CheckOrigin);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.Use((context, next) => TimeLimit.KeepAsync(context, next, limits.RequestSeconds));
        app.Use(ContentCoding.CheckAsync);
        app.UseRequestDecompression();
        app.Use(app.Services.GetRequiredService<ImageBodies>().ReadAsync);
        app.UseRateLimiter();
    }

    // For the base path itself, before its page would be asked for the token. Relative, since a proxy may add a path or change the host.
    private static Task AddSlashAsync(HttpContext context, string basePath)
    {
        context.Response.Redirect($"{basePath.Split('/')[^1]}/{context.Request.QueryString}");
        return Task.CompletedTask;
    }

    private static string[] Parts(string? list) =>
        list?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static void Map(WebApplication app, ServeOptions options, ServeLimits limits, Recognizer recognizer)
    {
        ModelEndpoints.Map(app, options.Recognition, recognizer, WebRoot);
        FaceEndpoints.Map(app, limits);
        StreamEndpoint.Map(app);
        VideoEndpoints.Map(app, limits);
        ApiPage.Map(app);
        app.MapGet(Security.Health, () => "ok").ExcludeFromDescription();
        Readiness.Map(app);
        app.MapPrometheusScrapingEndpoint();
    }

    private static async Task StartAsync(WebApplication app, string urls, CancellationToken stop)
    {
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new UsageException($"{urls}: another program listens there already. End it, or name another port, for example '--urls http://127.0.0.1:5081'.", e);
        }
        catch (Exception e) when (e is FormatException or SocketException or InvalidOperationException or ArgumentException || e is IOException { InnerException: SocketException or AggregateException })
        {
            throw new UsageException($"{urls}: cannot be listened on ({e.GetBaseException().Message.TrimEnd('.')}); expected addresses of this machine such as {ServeOptions.DefaultUrl}.", e);
        }
    }

    // CommandLineApplication handles the signals.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>The browser of this machine's user.</summary>
internal static class Browser
{
    /// <summary>Returns a URL that a browser can open, for one with the address of all interfaces.</summary>
    public static string Reachable(string url) => url.Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal).Replace("://[::]", "://localhost", StringComparison.Ordinal);

    /// <summary>Opens a URL, if there is a desktop.</summary>
    public static void Open(string url)
    {
        bool hasDesktop = !OperatingSystem.IsLinux() || Screen.IsSet("DISPLAY") || Screen.IsSet("WAYLAND_DISPLAY");
        try
        {
            using Process? started = hasDesktop ? Process.Start(new ProcessStartInfo(url) { UseShellExecute = true }) : null;
        }
        catch (Win32Exception)
        {
            // No browser is installed; the address is printed.
        }
    }
}
