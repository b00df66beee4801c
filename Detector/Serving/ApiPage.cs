extern alias ScalarPage;

using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using ScalarPage::Scalar.AspNetCore;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The API's description, <c>/openapi/v1.json</c>, and a page to try it, <c>/docs</c>.</summary>
internal static class ApiPage
{
    private const string NoncePlace = "NONCE";

    // The page's own script writes its styles, and nothing comes from elsewhere.
    private const string Policy =
        $"default-src 'none'; script-src 'self' 'nonce-{NoncePlace}'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; "
        + "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void AddServices(IServiceCollection services) => services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "MlNetEmotion",
            Version = ProductVersion.Current,
            Description = "Which photographed expression a face resembles. The scores do not say what somebody feels: do not use them to judge people.",
        };
        document.Servers = [];    // wherever this page came from
        return Task.CompletedTask;
    }));

    public static void Map(WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", (options, context) =>
        {
            string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            context.Response.Headers[HeaderNames.ContentSecurityPolicy] = Policy.Replace(NoncePlace, nonce, StringComparison.Ordinal);
            options.WithNonce(nonce).WithTitle("MlNetEmotion: the API").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
            options.HideClientButton = true;
        });
    }
}
