using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class BarChartTests
{
    private static readonly EmotionScores Scores = new([0, 0, 0, 0.5f, 0, 0.25f, 0.25f]);

    // As BGR: Happy's 0xFFF50A, Surprise's 0xE29F28.
    private static readonly byte[] Yellow = [0x0A, 0xF5, 0xFF];
    private static readonly byte[] Orange = [0x28, 0x9F, 0xE2];

    [Fact]
    public void Draw_Scores_AreProportionalBars()
    {
        using Frame frame = Black(1280, 720);
        Box panel = BarChart.Draw(frame, Face(new Box(100, 100, 200, 200)), []);

        int happy = LongestRun(frame, panel, Yellow);
        Assert.InRange(happy, 20, panel.Width);
        Assert.Equal(happy, 2.0 * LongestRun(frame, panel, Orange), 1.0);    // half as probable; each rounded to a pixel
    }

    [Theory]
    [InlineData(640, 480)]
    [InlineData(854, 480)]
    [InlineData(1920, 1080)]
    [InlineData(3840, 2160)]
    public void Draw_AnyFrameSize_TakesASimilarPartOfIt(int width, int height)
    {
        using Frame frame = Black(width, height);
        Box panel = BarChart.Draw(frame, Face(new Box(height / 4, height / 4, height / 4, height / 4)), []);

        Assert.InRange(panel.Height / (double)height, 0.17, 0.27);
    }

    [Theory]
    [InlineData(100, 1)]     // space on the right
    [InlineData(980, -1)]    // at the frame's right edge
    public void Draw_Face_PutsThePanelWhereThereIsRoom(int x, int side)
    {
        using Frame frame = Black(1280, 720);
        Box face = new(x, 200, 250, 250);
        Box panel = BarChart.Draw(frame, Face(face), [face]);

        Assert.Equal(side, Math.Sign(panel.X - face.X));
        Assert.Equal(0, panel.Iou(face));
        Assert.InRange(panel.X, 0, 1280 - panel.Width);
    }

    [Fact]
    public void Draw_FaceBesideAnother_CoversNeither()
    {
        using Frame frame = Black(1280, 720);
        Box left = new(300, 200, 250, 250);
        Box right = new(600, 200, 250, 250);
        Box panel = BarChart.Draw(frame, Face(left), [left, right]);

        Assert.Equal((0, 0), (panel.Iou(left), panel.Iou(right)));
    }

    private static FaceResult Face(Box box) => new(1, box, Scores);

    private static Frame Black(int width, int height) => Frame.FromPixels(new ImageView(new byte[width * height * 3], width, height, PixelFormat.Bgr24));

    // Text has the emotion's colour too, but no stroke is as long as a bar.
    private static int LongestRun(Frame frame, Box panel, byte[] color)
    {
        ImageView view = frame.View;
        int longest = 0;
        for (int y = panel.Y; y < panel.Y + panel.Height; y++)
        {
            int run = 0;
            for (int x = panel.X; x < panel.X + panel.Width; x++)
            {
                run = view.Pixels.Slice((y * view.Stride) + (3 * x), 3).SequenceEqual(color) ? run + 1 : 0;
                longest = Math.Max(longest, run);
            }
        }

        return longest;
    }
}
