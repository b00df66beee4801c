using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Access control: reachable addresses, host names, origins, the token, and the security headers of responses.</summary>
internal static class Security
{
    /// <summary>The liveness probe. Like <see cref="Readiness.Path"/> it needs no token, because supervisors have none.</summary>
    public const string Health = "/healthz";

    /// <summary>The cookie of browsers that have the token.</summary>
    public const string TokenCookie = "mlnetemotion-token";

    /// <summary>The parameter of the page's address that sets the cookie.</summary>
    public const string TokenParameter = "token";

    /// <summary>The error message for requests without the token.</summary>
    public const string TokenMissing = "this server was started with a token; send 'Authorization: Bearer SECRET', or open '/?token=SECRET' in the browser";

    private const int MinTokenLength = 16;

    // Only the page's own files may run or load; 'wasm-unsafe-eval' is required to run WebAssembly.
    private static readonly string PagePolicy = new ContentPolicy(
        "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'").ToString();

    /// <summary>Throws if other machines can reach the endpoint and there is no token. Called for every endpoint, whichever setting names it; a host name
    /// counts as reachable because Kestrel then listens on all addresses.</summary>
    /// <param name="warn">Receives a warning if the token is short enough to be guessed.</param>
    /// <exception cref="UsageException">The endpoint needs a token.</exception>
    public static void CheckReach(ListenOptions endpoint, string? token, Action<string> warn)
    {
        bool isLocal = endpoint.EndPoint is UnixDomainSocketEndPoint || (endpoint.EndPoint is IPEndPoint { Address: { } address } && IPAddress.IsLoopback(address));
        if (!isLocal && token is null)
        {
            throw new UsageException(
                $"{endpoint}: other machines can reach this address and use the server. Add '--token SECRET', or listen on {ServeOptions.DefaultUrl} alone.");
        }

        if (!isLocal && token!.Length < MinTokenLength)
        {
            warn($"warning: {endpoint}: other machines can reach this address, and a token of {Quantity.Pluralize(token.Length, "character")} can be guessed; "
                + $"expected at least {MinTokenLength}, for example from 'openssl rand -hex 32'.");
        }
    }

    /// <summary>Middleware that rejects requests to other host names than the allowed ones, against DNS rebinding. Behind a proxy it is used
    /// twice, for the host that was sent and for the forwarded one: a rebound page can send the headers of a proxy on this machine.</summary>
    /// <param name="allowed">Host names in the format of ASP.NET Core's <c>AllowedHosts</c>; <c>*</c> allows all.</param>
    public static Func<HttpContext, RequestDelegate, Task> CheckHost(IReadOnlyList<string> allowed)
    {
        List<StringSegment> patterns = [.. allowed.Select(name => new StringSegment(name))];
        bool isAny = allowed.Contains("*");
        return (context, next) =>
        {
            HostString host = context.Request.Host;
            return isAny || !host.HasValue || HostString.MatchesAny(host.Host, patterns)
                ? next(context)
                : Problem.WriteAsync(context, StatusCodes.Status400BadRequest, $"this server does not answer to the name '{host.Host}'; expected {string.Join(", ", allowed)}");
        };
    }

    /// <summary>Middleware that takes the client's address, scheme, host and path prefix from the <c>X-Forwarded-*</c> headers of the named proxies; those of
    /// all others are ignored.</summary>
    /// <exception cref="UsageException">A proxy is not an IP address or a network such as <c>10.0.0.0/8</c>.</exception>
    public static ForwardedHeadersOptions TrustProxies(IEnumerable<string> proxies)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out IPAddress? address))
            {
                options.KnownProxies.Add(address);
            }
            else if (System.Net.IPNetwork.TryParse(proxy, out System.Net.IPNetwork network))
            {
                options.KnownIPNetworks.Add(network);
            }
            else
            {
                throw new UsageException($"Proxies: '{proxy}' is no address; expected IP addresses or networks separated by ';', for example '127.0.0.1;10.0.0.0/8'.");
            }
        }

        return options;
    }

    /// <summary>Middleware that adds security headers to every response, errors included. An endpoint may set its own Content-Security-Policy.</summary>
    public static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state =>
        {
            var sent = (HttpContext)state;
            IHeaderDictionary headers = sent.Response.Headers;
            headers.TryAdd(HeaderNames.ContentSecurityPolicy, PagePolicy);
            headers.TryAdd(HeaderNames.CacheControl, sent.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) ? "no-store" : "no-cache");
            headers[HeaderNames.XContentTypeOptions] = "nosniff";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Embedder-Policy"] = "require-corp";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Permissions-Policy"] = "camera=(self), microphone=()";
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    /// <summary>Middleware that rejects cross-origin requests that may change something, and cross-origin WebSockets, to which browsers do not apply the
    /// same-origin policy. Clients other than browsers send no <c>Origin</c>.</summary>
    public static Task CheckOrigin(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string origin = request.Headers.Origin.ToString();
        bool mayChange = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || context.WebSockets.IsWebSocketRequest;
        return mayChange && origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, $"this request comes from the page of another site; expected the origin {request.Scheme}://{request.Host}"
                + (request.Headers.ContainsKey("X-Forwarded-Host") ? ". Behind a proxy, name its address in the setting 'Proxies'" : ""))
            : next(context);
    }

    /// <summary>Middleware that requires the token: in the Authorization header, in the cookie, or in <c>/?token=…</c>, which sets the cookie.</summary>
    public static Func<HttpContext, RequestDelegate, Task> CheckToken(string token)
    {
        byte[] expected = Digest(token);
        return (context, next) =>
        {
            HttpRequest request = context.Request;
            string authorization = request.Headers.Authorization.ToString();
            const string Bearer = "Bearer ";
            if (request.Path == Health || request.Path == Readiness.Path || IsToken(request.Cookies[TokenCookie])
                || (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && IsToken(authorization[Bearer.Length..].Trim())))
            {
                return next(context);
            }

            if (request.Path == "/" && HttpMethods.IsGet(request.Method) && request.Query[TokenParameter] is [{ } shown] && IsToken(shown))
            {
                context.Response.Cookies.Append(
                    TokenCookie, shown, new CookieOptions { HttpOnly = true, SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Strict, Secure = request.IsHttps, IsEssential = true });
                context.Response.Redirect("./");    // relative: a proxy may serve the page under a path that this server does not know
                return Task.CompletedTask;
            }

            context.Response.Headers.WWWAuthenticate = "Bearer";
            return SignInPage.IsFor(request)
                ? SignInPage.WriteAsync(context, isWrong: request.Query.ContainsKey(TokenParameter))
                : Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, TokenMissing);
        };

        // Digests are compared, so that timing reveals neither the token nor its length.
        bool IsToken(string? shown) => shown is not null && CryptographicOperations.FixedTimeEquals(Digest(shown), expected);

        static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}
