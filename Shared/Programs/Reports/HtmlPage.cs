namespace MlNetEmotion.Programs.Reports;

/// <summary>Self-contained HTML pages: the style sheet, charts and images are inline, and there are no scripts.</summary>
internal static class HtmlPage
{
    /// <summary>Renders a page; null sections are left out.</summary>
    public static string Render(string title, string summary, params IEnumerable<Html?> sections)
    {
        Html page = $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>{title}</title>
            <style>{StyleSheet()}</style>
            </head>
            <body>
            <main>
            <header><h1>{title}</h1><p class="muted">{summary}</p></header>
            {sections.OfType<Html>()}
            <footer class="muted">
            MlNetEmotion. A network's score says which expression a face is likely to be labelled with, not what a person feels.
            </footer>
            </main>
            </body>
            </html>
            """;
        return page.ToString();
    }

    /// <summary>A section with a heading.</summary>
    public static Html Section(string heading, string? introduction, params IEnumerable<Html> parts) => $"""
        <section>
        <h2>{heading}</h2>
        {(introduction is null ? null : (Html)$"<p class=\"muted\">{introduction}</p>")}
        {parts}
        </section>
        """;

    /// <summary>Framed content with a caption, for example a chart.</summary>
    public static Html Card(string caption, string? explanation, Html content) => $"""
        <figure class="card"><figcaption>{caption} <span class="muted">{explanation}</span></figcaption>{content}</figure>
        """;

    /// <summary>Cards side by side, if the page is wide enough.</summary>
    public static Html Columns(params IEnumerable<Html> cards) => $"<div class=\"columns\">{cards}</div>";

    /// <summary>A table whose first column is a row header.</summary>
    public static Html Table(IEnumerable<string> names, IEnumerable<string[]> rows) => $"""
        <div class="card scroll"><table class="numbers">
        <thead><tr>{names.Select(name => (Html)$"<th>{name}</th>")}</tr></thead>
        <tbody>{rows.Select(row => (Html)$"<tr><th>{row[0]}</th>{row.Skip(1).Select(cell => (Html)$"<td>{cell}</td>")}</tr>")}</tbody>
        </table></div>
        """;

    private static Html StyleSheet()
    {
        using var reader = new StreamReader(typeof(HtmlPage).Assembly.GetManifestResourceStream("report.css")!);
        return Html.Raw(reader.ReadToEnd());
    }
}
