using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Who may ask, and what a browser may do with the answers.</summary>
internal static class Security
{
    /// <summary>This and <see cref="Readiness.Path"/> need no token: whether the server lives and works is no secret, and supervisors ask.</summary>
    public const string Health = "/healthz";

    private const int ShortestToken = 16;

    private const string TokenCookie = "mlnetemotion-token";
    private const string TokenParameter = "token";

    // No script but the page's own files, nothing from elsewhere; 'wasm-unsafe-eval' is what running WebAssembly takes.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        + "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>Refuses an endpoint that other machines can reach, unless there is a token. Asked of each, whichever setting named it: a host that
    /// is no IP address stands for all of the machine's addresses.</summary>
    /// <param name="warn">Receives a line where the token is short enough to be guessed.</param>
    public static void CheckReach(ListenOptions endpoint, string? token, Action<string> warn)
    {
        bool isLocal = endpoint.EndPoint is UnixDomainSocketEndPoint || (endpoint.EndPoint is IPEndPoint { Address: { } address } && IPAddress.IsLoopback(address));
        if (!isLocal && token is null)
        {
            throw new UsageException(
                $"{endpoint}: other machines can reach this address, and whoever is there could use the server. Add '--token SECRET', or listen on {ServeOptions.DefaultUrl} alone.");
        }

        if (!isLocal && token!.Length < ShortestToken)
        {
            warn($"warning: {endpoint}: other machines can reach this address, and a token of {Quantity.Pluralize(token.Length, "character")} can be guessed; "
                + $"expected at least {ShortestToken}, for example from 'openssl rand -hex 32'.");
        }
    }

    /// <summary>Refuses requests to other names than the allowed ones, so that no other site's name leads here.</summary>
    /// <param name="allowed">Names as ASP.NET Core's <c>AllowedHosts</c> has them: <c>*</c> is any.</param>
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

    /// <summary>Headers of every answer, errors included. An endpoint may have set another policy for its page.</summary>
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

    /// <summary>Refuses what another site's page asks a browser to do here: all that changes something, and the WebSocket, which no browser keeps
    /// to its own site. Programs send no origin.</summary>
    public static Task CheckOrigin(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string origin = request.Headers.Origin.ToString();
        bool mayChange = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || context.WebSockets.IsWebSocketRequest;
        return mayChange && origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            ? Problem.WriteAsync(context, StatusCodes.Status403Forbidden, $"this request comes from the page of another site; expected the origin {request.Scheme}://{request.Host}")
            : next(context);
    }

    /// <summary>Lets those pass who know the token: by header, by the cookie, or by opening <c>/?token=…</c>, which sets the cookie.</summary>
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
                context.Response.Redirect("/");
                return Task.CompletedTask;
            }

            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problem.WriteAsync(
                context, StatusCodes.Status401Unauthorized, "this server was started with a token; send 'Authorization: Bearer SECRET', or open '/?token=SECRET' in the browser");
        };

        // Of digests, so that neither time nor length tells anything of the token.
        bool IsToken(string? shown) => shown is not null && CryptographicOperations.FixedTimeEquals(Digest(shown), expected);

        static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}
