extern alias ScalarPage;

using ScalarPage::Scalar.AspNetCore;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The OpenAPI document, <c>/openapi/v1.json</c>, and its interactive page, <c>/docs</c>.</summary>
internal static class ApiPage
{
    // The page's script writes inline styles; nothing is loaded from other sites.
    private static readonly ContentPolicy Policy = new(
        $"script-src 'self' 'nonce-{ContentPolicy.NoncePlace}'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:");

    public static void Map(WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", (options, context) =>
        {
            options.WithNonce(Policy.AddTo(context.Response)).WithTitle("MlNetEmotion: the API").AddHeaderContent("<p style=\"margin: 12px 24px; font: 14px system-ui, sans-serif\"><a href=\"../\" style=\"color: #6b7685\">Back to the page</a></p>").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
            (options.HideClientButton, options.ShowDeveloperTools) = (true, DeveloperToolsVisibility.Never);    // both link to other sites
        });
    }
}
