using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs;

/// <summary>Removes secrets from URLs before they are shown or written.</summary>
internal static partial class UrlRedactor
{
    private const int TimeoutMs = 1000;

    /// <summary>Replaces, in each URL in a text, the user information and the values of parameters with names like a password's by <c>***</c>.</summary>
    public static string Redact(string text) => Address().Replace(text, address => Secret().Replace(address.Value, "***"));

    [GeneratedRegex(@"[a-z][\w+.-]*://\S+", RegexOptions.IgnoreCase, TimeoutMs)]
    private static partial Regex Address();

    // RFC 3986, 3.2: user information ends at an '@' before the path. If the text after a colon is not a port, it is a password that may contain an
    // unescaped '/' or '@', so everything up to the last '@' is redacted.
    [GeneratedRegex(
        @"(?<=^[^:]+://)([^/?\#@:[]*:(?!\d+([/?\#]|$))\S*|[^/?\#]*)(?=@)
        | (?<=[?&][^=&]*(pass|pwd|token|secret|key|auth)[^=&]*=)[^&\#]+?(?=[:;,.'""]*(&|\#|$))",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace, TimeoutMs)]
    private static partial Regex Secret();
}
