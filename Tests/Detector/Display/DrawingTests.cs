using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class DrawingTests
{
    private static readonly TextStyle Text = new(Scale: 0.5);

    [Fact]
    public void Fill_BoxOverTheEdge_ColoursWhatIsInside()
    {
        using Frame image = Frame.FromPixels(new ImageView(new byte[12], 2, 2, PixelFormat.Bgr24));
        Drawing.Fill(image, new Box(1, 1, 10, 10), 0x112233);

        Assert.Equal<byte>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0x33, 0x22, 0x11], image.View.Pixels.ToArray());
    }

    [Fact]
    public void DrawText_WithinItsSize_DrawsOnlyThere()
    {
        const int Margin = 5;
        (int width, int ascent, int descent) = Text.Measure("Happy 93%");
        using Frame image = Frame.FromPixels(new ImageView(
            new byte[(width + (2 * Margin)) * (ascent + descent + (2 * Margin))], width + (2 * Margin), ascent + descent + (2 * Margin), PixelFormat.Gray8));
        Text.Draw(image, "Happy 93%", Margin, Margin + ascent, 0xFFFFFF);

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

    [Theory]
    [InlineData(0, 100, 40, 10)]
    [InlineData(0.25, 80, 46, 28)]    // 0.75 of the background, 0.25 of the colour
    [InlineData(1, 20, 64, 82)]
    public void Shade_BoxOverTheEdge_BlendsWhatIsInside(double opacity, byte blue, byte green, byte red)
    {
        byte[] pixels = [100, 40, 10, 100, 40, 10];
        using Frame frame = Frame.FromPixels(new ImageView(pixels, 2, 1, PixelFormat.Bgr24));
        Drawing.Shade(frame, new Box(1, -3, 10, 10), 0x524014, opacity);

        Assert.Equal<byte>([100, 40, 10, blue, green, red], frame.View.Pixels.ToArray());
    }
}
