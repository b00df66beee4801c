extern alias ScalarPage;

using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using ScalarPage::Scalar.AspNetCore;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The OpenAPI document, <c>/openapi/v1.json</c>, and its interactive page, <c>/docs</c>.</summary>
internal static class ApiPage
{
    private const string NoncePlace = "NONCE";

    // The page's script writes inline styles; nothing is loaded from other sites.
    private const string Policy =
        $"default-src 'none'; script-src 'self' 'nonce-{NoncePlace}'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; "
        + "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void AddServices(IServiceCollection services) => services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "MlNetEmotion",
            Version = ProductVersion.Current,
            Description = "Which photographed expression a face resembles. The scores do not say what somebody feels: do not use them to judge people.\n\n"
                + "`GET /api/stream` is a WebSocket: send an image as a binary message, receive the response of `/api/faces` as a text message, then send the next image.\n\n"
                + "If the server was started with a token, requests need `Authorization: Bearer SECRET`. A busy server answers 429 or 503 with `Retry-After`.",
        };
        document.Servers = [];    // the server that this document was loaded from
        return Task.CompletedTask;
    }));

    /// <summary>Describes an endpoint's request body: the file itself, or a form with the file in a field.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder endpoint, string field) => endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        var form = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema> { [field] = file },
            Required = new HashSet<string> { field },
        };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new() { Schema = form },
                ["application/octet-stream"] = new() { Schema = file },
            },
        };
        return Task.CompletedTask;
    });

    public static void Map(WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", (options, context) =>
        {
            string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            context.Response.Headers[HeaderNames.ContentSecurityPolicy] = Policy.Replace(NoncePlace, nonce, StringComparison.Ordinal);
            options.WithNonce(nonce).WithTitle("MlNetEmotion: the API").AddHeaderContent("<p style=\"margin: 12px 24px; font: 14px system-ui, sans-serif\"><a href=\"../\" style=\"color: #6b7685\">Back to the page</a></p>").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
            (options.HideClientButton, options.ShowDeveloperTools) = (true, DeveloperToolsVisibility.Never);    // both link to other sites
        });
    }
}
