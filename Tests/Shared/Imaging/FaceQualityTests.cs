using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class FaceQualityTests
{
    [Fact]
    public void Of_UniformGray_HasNoSharpness() =>
        Assert.Equal(new FaceQuality(97, 0, 51 / 255.0), FaceQuality.Of(new Box(-5, 3, 96, 97), Crop((_, _) => 51)));

    // At each inner pixel the Laplacian is twice the step between two stripes, upwards or downwards; the deviation of the gray values is half of it.
    [Theory]
    [InlineData(0, 255)]
    [InlineData(100, 110)]
    public void Of_Stripes_AreFourWhateverTheirContrast(byte dark, byte light) => Assert.Equal(
        new FaceQuality(48, 4, (dark + light) / 510.0), FaceQuality.Of(new Box(0, 0, 48, 48), Crop((x, _) => x % 2 == 0 ? dark : light)));

    [Fact]
    public void Of_Slope_HasNoSharpness() => Assert.Equal(0, FaceQuality.Of(default, Crop((x, y) => (byte)((3 * x) + (2 * y)))).Sharpness);

    // One bright pixel of height 100 in the middle: the Laplacian is -400 there and 100 at its four neighbours.
    [Fact]
    public void Of_OnePixel_IsAsComputedByHand()
    {
        double gray = (100 * 100 / 2304.0) - Math.Pow(100 / 2304.0, 2);
        double bend = ((400 * 400) + (4 * 100 * 100)) / 2116.0;

        Assert.Equal(Math.Sqrt(bend / gray), FaceQuality.Of(default, Crop((x, y) => (byte)(x == 20 && y == 30 ? 100 : 0))).Sharpness, 1e-12);
    }

    // A row's ends are no neighbours of the next row's.
    [Fact]
    public void Of_OnePixelAtTheEdge_CountsWhereItHasNeighbours()
    {
        double gray = (100 * 100 / 2304.0) - Math.Pow(100 / 2304.0, 2);
        double bend = (100 * 100 / 2116.0) - Math.Pow(100 / 2116.0, 2);

        Assert.Equal(Math.Sqrt(bend / gray), FaceQuality.Of(default, Crop((x, y) => (byte)(x == 47 && y == 30 ? 100 : 0))).Sharpness, 1e-12);
    }

    [Fact]
    public void Of_AnotherSize_IsRefused() => Assert.Throws<ArgumentException>("face", () => FaceQuality.Of(default, new byte[2303]));

    private static byte[] Crop(Func<int, int, byte> gray) => [.. Enumerable.Range(0, 2304).Select(i => gray(i % 48, i / 48))];
}
