using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class AnnotatorTests
{
    private const int Width = 320;
    private const int Height = 240;

    // Happy's 0xFFF50A, as BGR.
    private static readonly byte[] Yellow = [0x0A, 0xF5, 0xFF];

    [Fact]
    public void Draw_Face_PutsABoxAndALabelAboveIt()
    {
        using Frame frame = Drawn(new Box(100, 100, 80, 80));

        Assert.Equal(Yellow, PixelAt(frame, 140, 100));    // the box's edges
        Assert.Equal(Yellow, PixelAt(frame, 140, 179));
        Assert.Equal(Yellow, PixelAt(frame, 100, 140));
        Assert.Equal(Yellow, PixelAt(frame, 179, 140));
        Assert.Equal(new byte[3], PixelAt(frame, 140, 140));    // nothing is drawn inside the box
        Assert.Equal(Yellow, PixelAt(frame, 101, 85));    // the label's margin
        Assert.Equal(new byte[3], PixelAt(frame, 101, 60));
    }

    [Fact]
    public void Draw_FaceAtTheTop_PutsTheLabelIntoTheBox()
    {
        using Frame frame = Drawn(new Box(100, 5, 120, 120));

        Assert.Equal(new byte[3], PixelAt(frame, 140, 2));
        Assert.Equal(Yellow, PixelAt(frame, 103, 8));
    }

    [Fact]
    public void Draw_Uncertain_IsGray()
    {
        using Frame frame = Drawn(new Box(100, 100, 80, 80), isUncertain: true);

        Assert.Equal([0x9E, 0x94, 0x8A], PixelAt(frame, 140, 100));
    }

    [Theory]
    [InlineData(-50, -50)]
    [InlineData(300, 200)]
    public void Draw_FaceOverTheEdge_DrawsWhatIsInside(int x, int y)
    {
        using Frame frame = Drawn(new Box(x, y, 80, 80));

        Assert.True(frame.View.Pixels.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void ColorOf_EveryEmotion_IsItsOwn() =>
        Assert.Equal(7, Enum.GetValues<Emotion>().Select(EmotionColors.Of).Distinct().Count());

    private static Frame Drawn(Box box, bool isUncertain = false)
    {
        Frame frame = Frame.FromPixels(new ImageView(new byte[Width * Height * 3], Width, Height, PixelFormat.Bgr24));
        new Annotator().Draw(frame, [new FaceResult(1, box, TestScores.Of(Emotion.Happy, 0.93f)) { IsUncertain = isUncertain }], showBars: false);
        return frame;
    }

    private static byte[] PixelAt(Frame frame, int x, int y) => frame.View.Pixels.Slice((y * frame.View.Stride) + (3 * x), 3).ToArray();
}
