using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class Problem
{
    /// <summary>The detail of an internal server error.</summary>
    public const string Unexpected = "an error of the server, not of the request; the server's standard error has the details";

    /// <summary>The detail for a body that Kestrel refuses by its <c>MinRequestBodyDataRate</c>.</summary>
    public const string TooSlow = "the body arrived too slowly: less than 240 bytes per second, for 5 s";

    /// <summary>422: the request is valid, but its image or video cannot be used.</summary>
    public static ProblemHttpResult Unusable(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status422UnprocessableEntity);

    /// <summary>415: the body is text instead of a file.</summary>
    /// <param name="text">The kind of text, from <see cref="TextBody.Describe"/>.</param>
    public static ProblemHttpResult UnexpectedText(string text, string file, string field) => TypedResults.Problem(
        $"the body is {text}; expected the {file}'s own bytes as the body, or in the field '{field}' of a form (multipart/form-data)",
        statusCode: StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Adds a detail to problems for which ASP.NET Core gives only a title.</summary>
    public static void Explain(ProblemDetailsContext problem)
    {
        HttpContext context = problem.HttpContext;
        problem.ProblemDetails.Detail ??= problem.ProblemDetails.Status switch
        {
            StatusCodes.Status413PayloadTooLarge when context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit =>
                $"the body is larger than the limit of {Quantity.Pluralize(limit / ServeLimits.Bytes(1), "megabyte")}",
            StatusCodes.Status408RequestTimeout => TooSlow,
            StatusCodes.Status405MethodNotAllowed => $"this address does not support {context.Request.Method}; expected {context.Response.Headers.Allow}",
            StatusCodes.Status404NotFound => "there is no such address; /docs lists the existing ones",
            StatusCodes.Status500InternalServerError => Unexpected,
            _ => (problem.Exception as BadHttpRequestException)?.Message,
        };
    }

    public static Task WriteAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);

    /// <summary>429, or 503, with a <c>Retry-After</c> header.</summary>
    public static ProblemHttpResult Busy(HttpContext context, string detail, int status = StatusCodes.Status429TooManyRequests)
    {
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Problem(detail, statusCode: status);
    }

    /// <summary>Returns a problem as UTF-8 JSON, for a message of a stream.</summary>
    public static byte[] ToJson(string detail, int status = StatusCodes.Status422UnprocessableEntity) =>
        JsonSerializer.SerializeToUtf8Bytes(TypedResults.Problem(detail, statusCode: status).ProblemDetails, JsonSerializerOptions.Web);
}
