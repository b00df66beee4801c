using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MlNetEmotion.Programs.Reports;

/// <summary>
/// HTML pages that need nothing else: style, scripts, data and pictures are inside. What all pages share (the style sheet,
/// Chart.js, the scripts around it) comes with this assembly.
/// </summary>
public static partial class HtmlPage
{
    /// <summary>Fills in a page: <c>{{title}}</c>, <c>{{data}}</c>, and the resource of that name for any other <c>{{name}}</c>.</summary>
    /// <param name="assembly">Has the page as a resource, and those that only this page uses.</param>
    /// <param name="page">The page's resource.</param>
    /// <param name="title">The heading, as text.</param>
    /// <param name="json">What the page's script shows, with &lt;, &gt; and &amp; escaped as System.Text.Json does.</param>
    public static string Render(Assembly assembly, string page, string title, string json)
    {
        // In one pass, so that a placeholder inside the data (a file's name, say) stays text.
        return Placeholder().Replace(ReadAsset(assembly, page), match => match.Groups["name"].Value switch
        {
            "title" => WebUtility.HtmlEncode(title),
            "data" => json,
            string asset => ReadAsset(assembly, asset),
        });
    }

    private static string ReadAsset(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)
            ?? typeof(HtmlPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly has no resource '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(?<name>[\w.]+)\}\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
