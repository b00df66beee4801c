using System.Globalization;

namespace MlNetEmotion.Detector.Output;

/// <summary>A variant of comma-separated values (RFC 4180).</summary>
/// <param name="Start">The text before the header: a byte order mark, or nothing.</param>
internal sealed record CsvDialect(char Separator, string DecimalSeparator = ".", string Start = "")
{
    private readonly NumberFormatInfo numbers = new() { NumberDecimalSeparator = DecimalSeparator };

    /// <summary>The dialect of an events format.</summary>
    public static CsvDialect Of(EventFormat format) => format switch
    {
        EventFormat.ExcelCsvWithDecimalCommas => new CsvDialect(';', ",", "\uFEFF"),
        EventFormat.ExcelCsv => new CsvDialect(',', Start: "\uFEFF"),
        _ => new CsvDialect(','),
    };

    /// <summary>Joins values to a line without its end. Texts are quoted if necessary.</summary>
    public string Line(params IEnumerable<object?> values) => string.Join(Separator, values.Select(value => value is string text ? Quoted(text) : Convert.ToString(value, numbers)));

    private string Quoted(string text) =>
        text.AsSpan().ContainsAny([Separator, '"', '\r', '\n']) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
