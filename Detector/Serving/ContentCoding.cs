using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace MlNetEmotion.Detector.Serving;

/// <summary>The compression of a request's body. ASP.NET Core decompresses gzip, br and deflate, and applies the endpoint's size limit to the result. It
/// would pass other codings to the endpoint still encoded, so they are rejected.</summary>
internal sealed record ContentCoding(string Name)
{
    private const string Known = "gzip, br, deflate";

    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Request.Headers;
        string name = headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        switch (name)
        {
            case "" or "identity":
                headers.Remove(HeaderNames.ContentEncoding);
                return next(context);
            case "gzip" or "x-gzip" or "br" or "deflate":
                name = name == "x-gzip" ? "gzip" : name;    // RFC 9110, 8.4.1.3
                headers.ContentEncoding = name;
                context.Features.Set(new ContentCoding(name));
                return next(context);
            default:
                context.Response.Headers.AcceptEncoding = Known;
                return Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, $"the body's Content-Encoding is not supported; expected one of {Known}, or none");
        }
    }
}

/// <summary>Recognizes text that clients, used to other services, send instead of a file.</summary>
internal static class TextBody
{
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int ProbedBytes = 256;
    private const int MinBase64Length = 16;

    // The standard alphabet and the URL-safe one.
    private static readonly SearchValues<byte> Base64 = SearchValues.Create(Encoding.ASCII.GetBytes(LettersAndDigits + "+/-_\r\n"));
    private static readonly SearchValues<byte> FieldName = SearchValues.Create(Encoding.ASCII.GetBytes(LettersAndDigits + "-_.~%+[]"));

    /// <summary>Names the kind of text in a body that is no file of a known format, such as "JSON"; null if it is none of the known kinds.</summary>
    public static string? Describe(ReadOnlySpan<byte> body, string? contentType)
    {
        ReadOnlySpan<byte> start = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        start = start.TrimStart(" \t\r\n"u8);
        start = start[..Math.Min(ProbedBytes, start.Length)];
        bool isJsonType = MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));
        return isJsonType ? "JSON"
            : start.ContainsAnyInRange((byte)0, (byte)8) || start.ContainsAnyInRange((byte)14, (byte)31) || start.ContainsAnyInRange((byte)127, byte.MaxValue) ? null
            : start is [(byte)'{' or (byte)'[' or (byte)'"', ..] ? "JSON"
            : start.StartsWith("data:"u8) ? "a data URI"
            : IsBase64(start) ? "base64 text"
            : IsUrlEncoded(start) ? "a URL-encoded form"
            : null;
    }

    // One line, or lines of any usual length.
    private static bool IsBase64(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd("\r\n="u8);
        int line = text.IndexOfAny("\r\n"u8);
        return text.Length >= MinBase64Length && line is < 0 or >= MinBase64Length
            && !text.ContainsAnyExcept(Base64);
    }

    // NAME=VALUE, with a name of letters, digits and a few punctuation marks.
    private static bool IsUrlEncoded(ReadOnlySpan<byte> text) =>
        text.IndexOf((byte)'=') is > 0 and var end
        && !text[..end].ContainsAnyExcept(FieldName)
        && !text.ContainsAny(" \t"u8);
}
