using Microsoft.Net.Http.Headers;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The page that a browser without the token gets instead of <see cref="Server"/>'s page: a form that opens <c>./?token=…</c>.</summary>
internal static class SignInPage
{
    private const string RemarkPlace = "REMARK";

    private const string Html = $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>MlNetEmotion: sign in</title>
          <style nonce="{{ContentPolicy.NoncePlace}}">
            :root { color-scheme: light dark; }
            body { display: grid; place-content: center; min-height: 90svh; margin: 0; padding: 24px; font: 15px/1.5 system-ui, sans-serif; }
            main { max-width: 380px; }
            h1 { margin: 0 0 8px; font-size: 22px; letter-spacing: -0.015em; }
            form { display: flex; gap: 8px; margin-top: 16px; }
            label { flex: 1; }
            input, button { min-height: 40px; padding: 0 12px; border: 1px solid #8a949e; border-radius: 9px; font: inherit; box-sizing: border-box; }
            input { display: block; width: 100%; }
            button { align-self: end; border-color: #2f6fde; background: #2f6fde; color: #fff; font-weight: 550; cursor: pointer; }
          </style>
        </head>
        <body>
          <main>
            <h1>MlNetEmotion</h1>
            <p>This server was started with a token. Enter it to open the page.</p>
            {{RemarkPlace}}
            <form action="./" method="get">
              <label>Token<input name="token" type="password" autocomplete="current-password" required autofocus></label>
              <button>Sign in</button>
            </form>
          </main>
        </body>
        </html>
        """;

    private static readonly ContentPolicy Policy = new($"style-src 'nonce-{ContentPolicy.NoncePlace}'", formAction: "'self'");

    /// <summary>Returns the address that signs a browser in.</summary>
    /// <param name="page">The address of the page, with a slash at its end.</param>
    public static string AddressOf(string page, string token) => $"{page}?{Security.TokenParameter}={Uri.EscapeDataString(token)}";

    /// <summary>Whether the request is a browser's for the page itself.</summary>
    public static bool IsFor(HttpRequest request) =>
        request.Path == "/" && HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <param name="isWrong">Whether a token was sent that is not the server's.</param>
    public static Task WriteAsync(HttpContext context, bool isWrong)
    {
        string nonce = Policy.AddTo(context.Response);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        string remark = isWrong ? "<p role=\"alert\"><strong>That is not this server’s token.</strong></p>" : "";
        return context.Response.WriteAsync(Html.Replace(ContentPolicy.NoncePlace, nonce, StringComparison.Ordinal).Replace(RemarkPlace, remark, StringComparison.Ordinal));
    }
}
