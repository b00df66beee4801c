using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MlNetEmotion.Detector.Serving;

/// <summary>Errors as RFC 9457 tells them.</summary>
internal static class Problem
{
    /// <summary>What a client shall wait before it tries again.</summary>
    public const string RetryAfterSeconds = "1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>A picture or video that was understood as a request, and cannot be used.</summary>
    public static ProblemHttpResult Unusable(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status422UnprocessableEntity);

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
