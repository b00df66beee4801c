using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Errors as RFC 9457 tells them.</summary>
internal static class Problem
{
    /// <summary>What a client shall wait before it tries again.</summary>
    public const string RetryAfterSeconds = "1";

    /// <summary>The text for clients of an error that is the server's own.</summary>
    public const string Unexpected = "an error of the server, not of the request; its standard error says which";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>A picture or video that was understood as a request, and cannot be used.</summary>
    public static ProblemHttpResult Unusable(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status422UnprocessableEntity);

    /// <summary>A text in place of a file.</summary>
    /// <param name="text">As <see cref="TextBody.Describe"/> names it.</param>
    public static ProblemHttpResult NoFile(string text, string file, string field) => TypedResults.Problem(
        $"the body is {text}; expected the {file}'s own bytes as the body, or in the field '{field}' of a form (multipart/form-data)",
        statusCode: StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Says in a sentence what ASP.NET Core leaves at a title.</summary>
    public static void Explain(ProblemDetailsContext problem)
    {
        HttpContext context = problem.HttpContext;
        problem.ProblemDetails.Detail ??= problem.ProblemDetails.Status switch
        {
            StatusCodes.Status413PayloadTooLarge when context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } limit =>
                $"the body is larger than the limit of {Quantity.Pluralize(limit / ServeLimits.Bytes(1), "megabyte")}",
            StatusCodes.Status405MethodNotAllowed => $"this address does not answer {context.Request.Method}; expected {context.Response.Headers.Allow}",
            StatusCodes.Status404NotFound => "there is nothing at this address; /docs describes those that there are",
            StatusCodes.Status500InternalServerError => Unexpected,
            _ => (problem.Exception as BadHttpRequestException)?.Message,
        };
    }

    public static Task WriteAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);

    /// <summary>There is too much to do at the moment.</summary>
    public static Task WriteBusyAsync(HttpContext context, string detail, int status = StatusCodes.Status429TooManyRequests)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, status, detail);
    }

    /// <summary>The same for a message of a stream, as UTF-8.</summary>
    public static byte[] ToJson(string detail, int status = StatusCodes.Status422UnprocessableEntity)
    {
        ProblemDetails problem = TypedResults.Problem(detail, statusCode: status).ProblemDetails;
        return JsonSerializer.SerializeToUtf8Bytes(problem, Json);
    }
}
