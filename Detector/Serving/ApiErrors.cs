using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The errors of endpoints in the OpenAPI document: their meaning, headers and an example of each.</summary>
internal static class ApiErrors
{
    private static readonly OpenApiHeader RetryAfter = Header(JsonSchemaType.Integer, "The seconds to wait before the next try.");

    private static readonly Dictionary<int, Error> All = new()
    {
        [400] = new("The host name is not one of the server's, or the body is damaged.", "this server does not answer to the name 'faces.example.org'; expected localhost, 127.0.0.1, [::1]"),
        [401] = new("The token is missing or wrong.", Security.TokenMissing, HeaderNames.WWWAuthenticate, Header(JsonSchemaType.String, "`Bearer`.")),
        [403] = new("The request comes from the page of another site.", "this request comes from the page of another site; expected the origin http://127.0.0.1:5080"),
        [404] = new("There is no such video, or it has been deleted.", VideoEndpoints.NoVideo),
        [408] = new("The body arrived too slowly.", Problem.TooSlow),
        [413] = new("The body, after decompression, is larger than the server's limit.", "the body is larger than the limit of 20 megabytes"),
        [415] = new("The body is text instead of a file, a form of another type, or compressed by an unknown method.", "the body is base64 text; expected the image's own bytes as the body, or in the field 'image' of a form (multipart/form-data)"),
        [422] = new("The file is damaged, of an unknown format, or has too many pixels.", "PNG of 30000x30000 pixels, larger than the limit of 50 megapixels"),
        [429] = new("The server is busy with as many requests as its limits allow.", RateLimits.Busy, HeaderNames.RetryAfter, RetryAfter),
        [503] = new("The request was not done in time, or there is no memory for its body at the moment.", ImageBodies.Full, HeaderNames.RetryAfter, RetryAfter),
        [507] = new("The server has no disk space for the video.", VideoEndpoints.NoSpace),
    };

    /// <summary>Names the statuses of an endpoint's errors; 400 and 401 are those of each.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in (ReadOnlySpan<int>)[StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, .. statuses])
        {
            endpoint.ProducesProblem(status);
        }

        return endpoint;
    }

    /// <summary>Names the statuses of the errors of an endpoint that takes a file, in addition to <see cref="Refuses"/>'s own.</summary>
    public static RouteHandlerBuilder RefusesFiles(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses) =>
        endpoint.Refuses([403, 408, 413, 415, 422, 429, 503, .. statuses]);

    /// <summary>Completes the errors of an operation.</summary>
    public static Task DescribeAsync(OpenApiOperation operation)
    {
        foreach ((string key, IOpenApiResponse found) in operation.Responses!)
        {
            int status = int.Parse(key);
            if (found is OpenApiResponse response && All.TryGetValue(status, out Error? error))
            {
                response.Description = error.Meaning;
                response.Content!.Values.Single().Example = JsonNode.Parse(Problem.ToJson(error.Detail, status));
                response.Headers = error.Header is null ? null : new Dictionary<string, IOpenApiHeader> { [error.HeaderName!] = error.Header };
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Describes a header that the response always has.</summary>
    public static OpenApiHeader Header(JsonSchemaType type, string description) => new() { Required = true, Schema = new OpenApiSchema { Type = type }, Description = description };

    /// <param name="Detail">An example of the problem's detail.</param>
    private sealed record Error(string Meaning, string Detail, string? HeaderName = null, OpenApiHeader? Header = null);
}
