using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace MlNetEmotion.Programs.Reports;

/// <summary>Markup. In an interpolated string, what stands between braces becomes text, unless it is markup itself.</summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private readonly StringBuilder markup = new(literalLength + (16 * formattedCount));

    /// <summary>A share as the pages write it: 0.4567 as 45.7 % with a space that does not break.</summary>
    public static string Percent(double share) => $"{share * 100:F1}\u00a0%";

    /// <summary>Trusted markup, for example a style sheet.</summary>
    public static Html Raw(string markup)
    {
        var html = new Html(markup.Length, 0);
        html.AppendLiteral(markup);
        return html;
    }

    public void AppendLiteral(string value) => markup.Append(value);

    public void AppendFormatted(string? value) => markup.Append(WebUtility.HtmlEncode(value));

    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => AppendFormatted(value.ToString(format, null));

    public void AppendFormatted(Html? value) => markup.Append(value);

    public void AppendFormatted(IEnumerable<Html> values) => markup.AppendJoin('\n', values);

    public override string ToString() => markup.ToString();
}
