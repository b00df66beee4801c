using MlNetEmotion.Programs.Samples;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Programs.Samples;

public sealed class SoftTests
{
    [Fact]
    public void Sin_AnglesUpToOneRadian_AgreesWithTheLibrary()
    {
        for (double angle = -1; angle <= 1; angle += 0.01)
        {
            Assert.Equal(Math.Sin(angle), Soft.Sin(angle), 3e-6);
        }
    }

    [Theory]
    [InlineData(0, 0.5, 1, 1)]         // a line as wide as the pixel it is centred on
    [InlineData(0, 0.1, 1, 0.2)]       // a thinner one covers its share
    [InlineData(0.5, 0.5, 1, 0.5)]     // half of it in the pixel
    [InlineData(2, 0.5, 1, 0)]
    [InlineData(0, 2, 1, 1)]
    public void Line_Pixel_IsCoveredByItsShare(double distance, double halfWidth, double pixel, double expected)
    {
        Assert.Equal(expected, Soft.Line(distance, halfWidth, pixel), 12);
    }

    [Fact]
    public void Noise_ManyPoints_IsBoundedCentredAndSmooth()
    {
        var values = Enumerable.Range(0, 10_000).Select(i => Soft.Noise(i * 0.37, i * -0.53, 7)).ToList();

        Assert.All(values, value => Assert.InRange(value, -1, 1));
        Assert.Equal(0, values.Average(), 0.05);
        Assert.Equal(Soft.Noise(3 - 1e-9, 2, 7), Soft.Noise(3 + 1e-9, 2, 7), 1e-6);
    }
}
