using MlNetEmotion.Programs.Reports;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Reports;

public sealed class HtmlTests
{
    [Fact]
    public void Interpolation_Text_IsEscapedAndMarkupIsNot()
    {
        Html inner = $"<b>{"a < b & \"c\""}</b>";
        Html outer = $"<p title=\"{"\"x\""}\">{inner}{(Html?)null}{new[] { 1, 2 }.Select(i => (Html)$"<i>{i}</i>")}{0.5:F1}</p>";
        Assert.Equal("<p title=\"&quot;x&quot;\"><b>a &lt; b &amp; &quot;c&quot;</b><i>1</i>\n<i>2</i>0.5</p>", outer.ToString());
    }

    [Theory]
    [InlineData(0.4567, "45.7\u00a0%")]
    [InlineData(1, "100.0\u00a0%")]
    public void Percent_Share_HasOneDecimal(double share, string expected) => Assert.Equal(expected, Html.Percent(share));
}
