using MlNetEmotion.Imaging;
using MlNetEmotion.Native;
using MlNetEmotion.Native.OpenCv;
using Xunit;

namespace MlNetEmotion.Tests.Native.OpenCv;

public sealed class MatTests
{
    [Fact]
    public void ResizeTo_AreaAtHalf_AveragesFourPixels()
    {
        using Mat source = Gray([0, 100, 10, 20, 100, 200, 30, 40], 4, 2);
        using var half = new Mat();
        source.ResizeTo(half, 2, 1, Interpolation.Area);

        Assert.Equal<byte>([100, 25], half.View.Pixels.ToArray());
    }

    [Fact]
    public void PadTo_OddRoom_PutsTheImageInTheMiddle()
    {
        using Mat source = Gray([7], 1, 1);
        using var padded = new Mat();
        source.PadTo(padded, 4, 3);

        Assert.Equal<byte>([0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0], padded.View.Pixels.ToArray());
    }

    [Fact]
    public void PadTo_LessThanTheImage_Throws()
    {
        using Mat source = Gray([1, 2, 3, 4], 2, 2);
        using var padded = new Mat();

        Assert.Equal("mlcv_pad", Assert.Throws<NativeException>(() => source.PadTo(padded, 1, 1)).Operation);
    }

    [Fact]
    public void Fill_BoxOverTheEdge_ColoursWhatIsInside()
    {
        using Mat image = Mat.FromPixels(new ImageView(new byte[12], 2, 2, PixelFormat.Bgr24));
        Drawing.Fill(image, new Box(1, 1, 10, 10), 0x112233);

        Assert.Equal<byte>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0x33, 0x22, 0x11], image.View.Pixels.ToArray());
    }

    [Fact]
    public void PutText_WithinItsSize_DrawsOnlyThere()
    {
        const int Margin = 5;
        (int width, int ascent, int descent) = Drawing.TextSize("Happy 93%", 0.5, 1);
        using Mat image = Gray(new byte[(width + (2 * Margin)) * (ascent + descent + (2 * Margin))], width + (2 * Margin), ascent + descent + (2 * Margin));
        Drawing.PutText(image, "Happy 93%", Margin, Margin + ascent, 0.5, 0xFFFFFF, 1);

        ImageView view = image.View;
        int lit = 0;
        for (int i = 0; i < view.Pixels.Length; i++)
        {
            (int x, int y) = (i % view.Width, i / view.Width);
            bool isInside = x >= Margin - 1 && x <= Margin + width && y >= Margin - 1 && y <= Margin + ascent + descent;
            lit += view.Pixels[i] > 128 ? 1 : 0;
            Assert.True(isInside || view.Pixels[i] == 0, $"ink at {x}, {y}");
        }

        Assert.InRange(lit, 50, width * ascent / 2);
    }

    private static Mat Gray(byte[] pixels, int width, int height) => Mat.FromPixels(new ImageView(pixels, width, height, PixelFormat.Gray8));
}
