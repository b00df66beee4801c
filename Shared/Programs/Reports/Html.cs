using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace MlNetEmotion.Programs.Reports;

/// <summary>HTML markup. In an interpolated string, inserted values are escaped unless they are <see cref="Html"/> themselves.</summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength, int formattedCount)
{
    private readonly StringBuilder markup = new(literalLength + (16 * formattedCount));

    /// <summary>Formats a share as a percentage with a non-breaking space: 0.4567 as 45.7 %.</summary>
    public static string Percent(double share) => $"{share * 100:F1}\u00a0%";

    /// <summary>Wraps trusted markup, for example a style sheet, without escaping.</summary>
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
