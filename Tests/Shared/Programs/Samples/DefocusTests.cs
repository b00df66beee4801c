using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class DefocusTests
{
    [Theory]
    [InlineData(0.3, 0.001)]
    [InlineData(0.8, 0.001)]
    [InlineData(1.0, 0.05)] // a bell sampled at whole pixels
    [InlineData(2.5, 0.02)]
    public void Blur_Point_SpreadsWithTheVarianceAndKeepsTheLight(double sigma, double tolerance)
    {
        var image = new double[41 * 41];
        image[(20 * 41) + 20] = 1;

        Defocus.Blur(image, 41, sigma);

        Assert.Equal(1, image.Sum(), 12);
        double acrossX = Enumerable.Range(0, image.Length).Sum(i => image[i] * Math.Pow((i % 41) - 20, 2));
        double acrossY = Enumerable.Range(0, image.Length).Sum(i => image[i] * Math.Pow((i / 41) - 20, 2));
        Assert.Equal(sigma * sigma, acrossX, tolerance * sigma * sigma);
        Assert.Equal(acrossX, acrossY, 12);
    }

    [Fact]
    public void Blur_EvenImage_StaysEvenUpToItsEdges()
    {
        var image = Enumerable.Repeat(0.4, 12 * 7).ToArray();

        Defocus.Blur(image, 12, 3);

        Assert.All(image, value => Assert.Equal(0.4, value, 12));
    }
}
