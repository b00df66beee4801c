using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Streams' addresses as they may be shown and written.</summary>
internal static partial class UrlRedactor
{
    private const int TimeoutMs = 1000;

    /// <summary>A text in which each address has <c>***</c> in place of its user information, and of the values of parameters that are named
    /// like a password.</summary>
    public static string Redact(string text) => Address().Replace(text, address => Secret().Replace(address.Value, "***"));

    [GeneratedRegex(@"[a-z][\w+.-]*://\S+", RegexOptions.IgnoreCase, TimeoutMs)]
    private static partial Regex Address();

    // RFC 3986, 3.2: user information ends at an @ before the path. What stands behind a colon and is no port is a password, in which
    // somebody left a / or @ as it is: all up to the last @ is hidden then.
    [GeneratedRegex(
        @"(?<=^[^:]+://)([^/?\#@:[]*:(?!\d+([/?\#]|$))\S*|[^/?\#]*)(?=@)
        | (?<=[?&][^=&]*(pass|pwd|token|secret|key|auth)[^=&]*=)[^&\#]+?(?=[:;,.'""]*(&|\#|$))",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace, TimeoutMs)]
    private static partial Regex Secret();
}
