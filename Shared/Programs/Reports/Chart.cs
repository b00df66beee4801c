using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MlNetEmotion.Programs.Reports;

/// <summary>A series of a chart: points joined by a line, or bars at the positions of an axis.</summary>
/// <param name="Paint">The colour: the name of a variable in the style sheet, without the dashes.</param>
/// <param name="Values">The values; NaN leaves a gap.</param>
internal sealed record ChartSeries(string Label, string Paint, IEnumerable<double> Values);

/// <summary>
/// A chart as inline SVG, drawn by OxyPlot. Its colours are variables of the style sheet, so they adapt to dark mode and printing;
/// hints are shown when the pointer is over a part of the chart.
/// </summary>
internal sealed class Chart
{
    /// <summary>The width for half a page and for phones, at which text has the page's size.</summary>
    public const int HalfPage = 440;

    /// <summary>The width for a whole page; too wide for phones.</summary>
    public const int WholePage = 1040;

    private const double FontSize = 12;
    private readonly string description;
    private readonly int width;
    private readonly int height;
    private readonly PlotModel model = new() { DefaultFontSize = FontSize, PlotAreaBorderThickness = new OxyThickness(0), Padding = new OxyThickness(2, 6, 10, 2) };
    private readonly List<string> paints = [];
    private readonly List<(string Label, string Paint)> legend = [];
    private readonly List<(double Left, double Bottom, double Right, double Top, string Text)> hints = [];

    /// <param name="description">A text alternative, for screen readers.</param>
    /// <param name="width">The width in CSS pixels, like the height; the page scales the image to the available space.</param>
    public Chart(string description, LinearAxis x, LinearAxis y, int width = HalfPage, int height = 250)
    {
        (this.description, this.width, this.height) = (description, width, height);
        x.Position = AxisPosition.Bottom;
        y.Position = AxisPosition.Left;
        foreach (LinearAxis axis in new[] { x, y })
        {
            axis.TickStyle = TickStyle.None;
            axis.TextColor = axis.TitleColor = Color("muted");
            axis.MajorGridlineColor = axis.AxislineColor = Color("line");
            axis.AxislineThickness = 1;
            axis.AxislineStyle = axis == x ? LineStyle.Solid : LineStyle.None;
            axis.AxisTitleDistance = 8;
            axis.AxisTickToLabelDistance = 6;
            axis.IntervalLength = axis == x ? 64 : 40;
            model.Axes.Add(axis);
        }
    }

    /// <summary>An axis of numbers.</summary>
    public static LinearAxis Numbers(string? title, double minimum = double.NaN, double maximum = double.NaN, Func<double, string>? write = null, bool grid = true) => new()
    {
        Title = title,
        Minimum = minimum,
        Maximum = maximum,
        MinimumPadding = 0.03,
        MaximumPadding = 0.03,
        LabelFormatter = write ?? (value => value.ToString("0.##")),
        MajorGridlineStyle = grid ? LineStyle.Solid : LineStyle.None,
    };

    /// <summary>An axis of shares, labelled in percent.</summary>
    public static LinearAxis Percents(string? title, double minimum = double.NaN, double maximum = double.NaN, bool grid = true)
    {
        LinearAxis axis = Numbers(title, minimum, maximum, value => $"{value * 100:0.#} %", grid);
        axis.MinimumMajorStep = 0.01;
        axis.MinimumRange = 0.01;
        return axis;
    }

    /// <summary>An axis of names at positions 0, 1, 2, …</summary>
    /// <param name="fromTheTop">Whether the first is on top, for an axis on the left.</param>
    public static LinearAxis Names(IReadOnlyList<string> names, bool fromTheTop = false) => new()
    {
        Minimum = -0.5,
        Maximum = Math.Max(1, names.Count) - 0.5,
        MajorStep = 1,
        StartPosition = fromTheTop ? 1 : 0,
        EndPosition = fromTheTop ? 0 : 1,
        LabelFormatter = value => names.ElementAtOrDefault((int)value) ?? "",
    };

    public void Line(ChartSeries series, IEnumerable<double> x, bool dots = true, bool dashed = false)
    {
        OxyColor color = Color(series.Paint);
        var line = new LineSeries
        {
            Color = color,
            LineStyle = dashed ? LineStyle.Dash : LineStyle.Solid,
            MarkerType = dots ? MarkerType.Circle : MarkerType.None,
            MarkerFill = color,
            MarkerSize = 3,
            LineJoin = LineJoin.Round,
        };
        line.Points.AddRange(x.Zip(series.Values, (at, value) => new DataPoint(at, value)));
        model.Series.Add(line);
        legend.Add((series.Label, series.Paint));
    }

    /// <summary>Draws the bars of several series side by side, at the positions of an axis of names.</summary>
    public void Bars(bool horizontal, params IReadOnlyList<ChartSeries> series)
    {
        const double Room = 0.84;
        for (int s = 0; s < series.Count; s++)
        {
            foreach ((int place, double value) in series[s].Values.Index())
            {
                double from = place - (Room / 2) + (Room * s / series.Count);
                double to = from + (0.9 * Room / series.Count);
                (double left, double bottom, double right, double top) = horizontal ? (0.0, from, value, to) : (from, 0.0, to, value);
                Bar(series[s].Paint, left, bottom, right, top);
            }

            legend.Add((series[s].Label, series[s].Paint));
        }
    }

    /// <summary>Draws a rectangle from corner to corner, in the axes' units.</summary>
    public void Bar(string paint, double left, double bottom, double right, double top)
    {
        var bars = new RectangleBarSeries { FillColor = Color(paint), StrokeThickness = 0 };
        bars.Items.Add(new RectangleBarItem(left, bottom, right, top));
        model.Series.Add(bars);
    }

    /// <summary>Adds a hint to a rectangle, in the axes' units; infinite coordinates extend it to the chart's edge.</summary>
    public void Hint(double left, double bottom, double right, double top, string text) => hints.Add((left, bottom, right, top, text));

    /// <summary>Adds a hint to each position along an axis, up to halfway to its neighbours.</summary>
    public void Hints(bool horizontal, IReadOnlyList<double> places, Func<int, string> text)
    {
        for (int i = 0; i < places.Count; i++)
        {
            double from = i == 0 ? double.NegativeInfinity : (places[i - 1] + places[i]) / 2;
            double to = i == places.Count - 1 ? double.PositiveInfinity : (places[i] + places[i + 1]) / 2;
            (double low, double high) = (double.NegativeInfinity, double.PositiveInfinity);
            Hint(horizontal ? low : from, horizontal ? from : low, horizontal ? high : to, horizontal ? to : high, text(i));
        }
    }

    public void Legend(string label, string paint) => legend.Add((label, paint));

    /// <summary>Renders a chart at both widths; the style sheet shows the one that fits the page.</summary>
    public static Html Responsive(Func<int, Chart> draw) =>
        $"<div class=\"wide\">{draw(WholePage).ToHtml()}</div><div class=\"narrow\">{draw(HalfPage).ToHtml()}</div>";

    /// <summary>Renders the chart, with a legend if it has more than one entry.</summary>
    public Html ToHtml() => $"""
        <div class="plot">{Html.Raw(Svg())}</div>
        {(legend.Count < 2 ? null : (Html)$"<p class=\"legend\">{legend.Select(entry => (Html)$"<span style=\"--paint: var(--{entry.Paint})\">{entry.Label}</span>")}</p>")}
        """;

    private string Svg()
    {
        using var stream = new MemoryStream();
        using (var canvas = new Canvas(stream, width, height))
        {
            ((IPlotModel)model).Update(updateData: true);
            ((IPlotModel)model).Render(canvas, new OxyRect(0, 0, width, height));
            canvas.Complete();
            canvas.Flush();
        }

        string svg = Encoding.UTF8.GetString(stream.ToArray());
        Html opening = $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{description}\">";
        Html closing = $"{hints.Select(HintOverlay)}</svg>";
        svg = opening + svg[(svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1)..svg.LastIndexOf("</svg>", StringComparison.Ordinal)] + closing;
        for (int i = 0; i < paints.Count; i++)
        {
            svg = svg.Replace($"rgb(1,0,{i})", $"var(--{paints[i]})", StringComparison.Ordinal);
        }

        return svg;
    }

    private Html HintOverlay((double Left, double Bottom, double Right, double Top, string Text) hint)
    {
        (Axis x, Axis y) = (model.Axes[0], model.Axes[1]);
        double X(double value) => Math.Clamp(x.Transform(value), model.PlotArea.Left, model.PlotArea.Right);
        double Y(double value) => Math.Clamp(y.Transform(value), model.PlotArea.Top, model.PlotArea.Bottom);
        (double left, double right) = (X(hint.Left), X(hint.Right));
        (double top, double bottom) = (Math.Min(Y(hint.Top), Y(hint.Bottom)), Math.Max(Y(hint.Top), Y(hint.Bottom)));
        return $"<rect class=\"hint\" x=\"{left:0.#}\" y=\"{top:0.#}\" width=\"{right - left:0.#}\" height=\"{bottom - top:0.#}\"><title>{hint.Text}</title></rect>";
    }

    // OxyPlot has numeric colours only, so a placeholder colour represents each variable and is replaced in the SVG.
    private OxyColor Color(string paint)
    {
        if (!paints.Contains(paint))
        {
            paints.Add(paint);
        }

        return OxyColor.FromRgb(1, 0, (byte)paints.IndexOf(paint));
    }

    /// <summary>
    /// Measures text as in a wide font, since the browser's font is unknown, and does not clip: the ids of clip paths would collide with
    /// those of other charts on the page.
    /// </summary>
    private sealed class Canvas(Stream stream, double width, double height)
        : SvgRenderContext(stream, width, height, isDocument: false, new PdfRenderContext(width, height, OxyColors.Undefined), OxyColors.Undefined)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            string.IsNullOrEmpty(text) ? OxySize.Empty : new OxySize(0.62 * fontSize * text.Length, 1.25 * fontSize);

        protected override void SetClip(OxyRect clippingRectangle)
        {
        }

        protected override void ResetClip()
        {
        }
    }
}
