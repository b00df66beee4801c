using System.Globalization;
using System.Xml.Linq;
using MlNetEmotion.Programs.Reports;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Reports;

public sealed class ChartTests
{
    [Fact]
    public void ToHtml_BarsOfTwoSeries_StandSideBySideInTheirColoursAndProportions()
    {
        Chart chart = Named();
        chart.Bars(horizontal: true, new ChartSeries("One", "first", [0.5, 1]), new ChartSeries("Other", "second", [0.25, 0.75]));
        XElement svg = Svg(chart);
        (double Width, double Y)[] first = Rectangles(svg, "var(--first)");
        (double Width, double Y)[] second = Rectangles(svg, "var(--second)");
        Assert.Equal(first[1].Width, 2 * first[0].Width, 0.5);
        Assert.Equal(first[1].Width, 4 * second[0].Width, 0.5);
        Assert.True(first[0].Y < second[0].Y && second[0].Y < first[1].Y && first[1].Y < second[1].Y, "from the top: both of A, both of B");
    }

    [Fact]
    public void ToHtml_Names_AreWrittenInOrderFromTheTop()
    {
        XElement svg = Svg(Named());
        string[] written = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value)];
        Assert.Contains("A", written);
        Assert.Contains("B & <C>", written);
        Assert.Contains("100 %", written);
    }

    [Fact]
    public void ToHtml_LineWithAGap_IsTwoLines()
    {
        var chart = new Chart("Lines", Chart.Numbers("x"), Chart.Numbers("y"));
        chart.Line(new ChartSeries("One", "first", [1, 2, double.NaN, 3, 4]), [1, 2, 3, 4, 5], dots: false);
        Assert.Equal(2, Svg(chart).Descendants().Count(element => element.Name.LocalName is "polyline" or "line"
            && ((string?)element.Attribute("style"))?.Contains("--first", StringComparison.Ordinal) == true));
    }

    [Fact]
    public void ToHtml_Hints_ReachHalfwayToTheNextPlace()
    {
        var chart = new Chart("Lines", Chart.Numbers("x", 0, 10), Chart.Numbers("y", 0, 1), width: 400, height: 200);
        chart.Hints(horizontal: false, [0, 4, 10], i => $"place {i} & <more>");
        XElement[] hints = [.. Svg(chart).Descendants().Where(element => (string?)element.Attribute("class") == "hint")];
        Assert.Equal(["place 0 & <more>", "place 1 & <more>", "place 2 & <more>"], hints.Select(hint => hint.Value));

        // 0 to 2, 2 to 7 and 7 to 10 of ten.
        double[] widths = [.. hints.Select(hint => Number(hint, "width"))];
        Assert.Equal([0.2, 0.5, 0.3], widths.Select(width => Math.Round(width / widths.Sum(), 2)));
    }

    [Theory]
    [InlineData(0.9871, 0.9989)]
    [InlineData(0.985, 1)]
    [InlineData(0.9949, 0.9951)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.1, 0.93)]
    public void ToHtml_Percents_AreWrittenOnceEach(double lowest, double highest)
    {
        var chart = new Chart("Lines", Chart.Numbers("x", 1, 2), Chart.Percents("Accuracy"));
        chart.Line(new ChartSeries("One", "first", [lowest, highest]), [1, 2]);
        string[] ticks = [.. Svg(chart).Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value).Where(text => text.EndsWith('%'))];
        Assert.Equal(ticks.Distinct(), ticks);
        Assert.InRange(ticks.Length, 1, 8);
    }

    [Fact]
    public void ToHtml_OneSeries_NeedsNoLegend()
    {
        Chart chart = Named();
        chart.Bars(horizontal: true, new ChartSeries("One", "first", [0.5, 1]));
        Assert.DoesNotContain("legend", chart.ToHtml().ToString());
        chart.Legend("Other", "second");
        Assert.Contains("<span style=\"--paint: var(--second)\">Other</span>", chart.ToHtml().ToString());
    }

    private static Chart Named() => new("Two \"bars\"", Chart.Percents(null, 0, 1), Chart.Names(["A", "B & <C>"], fromTheTop: true));

    private static XElement Svg(Chart chart)
    {
        string html = chart.ToHtml().ToString();
        return XElement.Parse(html[html.IndexOf("<svg", StringComparison.Ordinal)..(html.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
    }

    private static (double Width, double Y)[] Rectangles(XElement svg, string color) =>
    [
        .. svg.Descendants().Where(element => element.Name.LocalName == "rect" && ((string?)element.Attribute("style"))?.Contains(color, StringComparison.Ordinal) == true)
            .Select(rectangle => (Number(rectangle, "width"), Number(rectangle, "y"))).OrderBy(rectangle => rectangle.Item2),
    ];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
