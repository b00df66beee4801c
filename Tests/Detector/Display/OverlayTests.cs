using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class OverlayTests
{
    [Theory]
    [InlineData(720, 400)]
    [InlineData(1920, 1080)]
    public void DrawHelp_WideFrame_StaysInItsLowestQuarter(int width, int height)
    {
        using Frame frame = Frame.FromPixels(new ImageView(new byte[3 * width * height], width, height, PixelFormat.Bgr24));
        Overlay.DrawHelp(frame);
        int highest = Enumerable.Range(0, height).First(y => frame.Row(y).ContainsAnyExcept((byte)0));
        Assert.InRange(highest, height * 3 / 4, height - 1);
    }
}
