using MlNetEmotion.Imaging;
using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class PlanarScalerTests
{
    [Fact]
    public void Shrink_ToTheSameSize_IsThreePlanesAndLeavesTheRest()
    {
        float[] planes = [.. Enumerable.Repeat(9f, 3 * 2 * 3)];
        new PlanarScaler().Downscale(new ImageView([1, 2, 3, 4, 5, 6], 2, 1, PixelFormat.Bgr24), 2, 1, planes, planeWidth: 3, planeHeight: 2);

        Assert.Equal([1, 4, 9, 9, 9, 9, 2, 5, 9, 9, 9, 9, 3, 6, 9, 9, 9, 9], planes);
    }

    [Theory]
    [InlineData(PixelFormat.Gray8, new byte[] { 7 }, new float[] { 7, 7, 7 })]
    [InlineData(PixelFormat.Bgr24, new byte[] { 1, 2, 3 }, new float[] { 1, 2, 3 })]
    [InlineData(PixelFormat.Rgb24, new byte[] { 1, 2, 3 }, new float[] { 3, 2, 1 })]
    [InlineData(PixelFormat.Bgra32, new byte[] { 1, 2, 3, 4 }, new float[] { 1, 2, 3 })]
    [InlineData(PixelFormat.Rgba32, new byte[] { 1, 2, 3, 4 }, new float[] { 3, 2, 1 })]
    public void Shrink_AnyFormat_IsBlueGreenRed(PixelFormat format, byte[] pixel, float[] expected)
    {
        var planes = new float[3];
        new PlanarScaler().Downscale(new ImageView(pixel, 1, 1, format), 1, 1, planes, 1, 1);

        Assert.Equal(expected, planes);
    }

    [Fact]
    public void Shrink_ByOneAndAHalf_WeighsByArea()
    {
        // Each output pixel covers one and a half: two thirds of the outer one, a third of the middle one.
        var planes = new float[3 * 2];
        new PlanarScaler().Downscale(new ImageView([30, 60, 120, 30, 60, 120, 30, 60, 120], 3, 3, PixelFormat.Gray8), 2, 1, planes, 2, 1);

        Assert.Equal([40, 100, 40, 100, 40, 100], planes, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [InlineData(PixelFormat.Gray8, 1)]
    [InlineData(PixelFormat.Rgb24, 3)]
    [InlineData(PixelFormat.Bgra32, 4)]
    public void Shrink_ImageWithStride_IsTheMeanOfEachArea(PixelFormat format, int channels)
    {
        const int Width = 97, Height = 53, SmallWidth = 31, SmallHeight = 20;
        int stride = (Width * channels) + 5;
        var pixels = new byte[((Height - 1) * stride) + (Width * channels)];
        new Random(1).NextBytes(pixels);
        var planes = new float[3 * SmallWidth * SmallHeight];
        var scaler = new PlanarScaler();
        scaler.Downscale(new ImageView(new byte[64 * 64], 64, 64, PixelFormat.Gray8), 20, 20, planes, SmallWidth, SmallHeight); // leaves nothing behind
        scaler.Downscale(new ImageView(pixels, Width, Height, format, stride), SmallWidth, SmallHeight, planes, SmallWidth, SmallHeight);

        for (int i = 0; i < planes.Length; i++)
        {
            int plane = i / (SmallWidth * SmallHeight), y = i / SmallWidth % SmallHeight, x = i % SmallWidth;
            int channel = channels == 1 ? 0 : format == PixelFormat.Rgb24 ? 2 - plane : plane;
            Assert.Equal(Mean(x, y, channel), planes[i], 1e-3); // float32 sums of values up to 255
        }

        double Mean(int x, int y, int channel)
        {
            double sum = 0;
            for (int row = 0; row < Height; row++)
            {
                for (int column = 0; column < Width; column++)
                {
                    double part = Overlap(x, (double)Width / SmallWidth, column) * Overlap(y, (double)Height / SmallHeight, row);
                    sum += part * pixels[(row * stride) + (column * channels) + channel];
                }
            }

            return sum / ((double)Width / SmallWidth * ((double)Height / SmallHeight));
        }

        static double Overlap(int small, double scale, int pixel) =>
            Math.Max(0, Math.Min((small + 1) * scale, pixel + 1) - Math.Max(small * scale, pixel));
    }
}
