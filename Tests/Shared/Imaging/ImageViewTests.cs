using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class ImageViewTests
{
    [Theory]
    [InlineData(PixelFormat.Gray8, 1)]
    [InlineData(PixelFormat.Bgr24, 3)]
    [InlineData(PixelFormat.Rgb24, 3)]
    [InlineData(PixelFormat.Bgra32, 4)]
    [InlineData(PixelFormat.Rgba32, 4)]
    public void View_PackedRows_HasTheFormatsStride(PixelFormat format, int bytesPerPixel)
    {
        var view = new ImageView(new byte[10 * 5 * bytesPerPixel], 10, 5, format);

        Assert.Equal((10, 5, bytesPerPixel, 10 * bytesPerPixel), (view.Width, view.Height, view.BytesPerPixel, view.Stride));
    }

    [Fact]
    public void View_LastRowWithoutPadding_IsEnough() =>
        Assert.Equal(16, new ImageView(new byte[(4 * 16) + 10], 10, 5, PixelFormat.Gray8, stride: 16).Stride);

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(10, 0, 0)]
    [InlineData(-1, 5, 0)]
    [InlineData(10, 5, 9)] // stride shorter than a row
    [InlineData(10, 6, 0)] // more rows than bytes
    [InlineData(10, 5, 11)] // wider rows than bytes
    [InlineData(int.MaxValue, int.MaxValue, 0)]
    public void View_SizesThatDoNotFit_Throws(int width, int height, int stride) =>
        Assert.ThrowsAny<ArgumentException>(() => { _ = new ImageView(new byte[50], width, height, PixelFormat.Gray8, stride); });
}
