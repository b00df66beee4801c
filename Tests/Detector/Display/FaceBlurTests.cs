using MlNetEmotion.Detector.Display;
using MlNetEmotion.Detector.Frames;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Display;

public sealed class FaceBlurTests : IDisposable
{
    private static readonly FaceResult Face = new(1, new Box(60, 60, 80, 80), TestScores.Of(Emotion.Happy, 0.9f));

    private readonly FaceBlur blur = new();

    public void Dispose() => blur.Dispose();

    [Theory]
    [InlineData(100, 100, true)]    // the face
    [InlineData(50, 100, true)]     // an ear: a fifth of the width beside the box
    [InlineData(100, 35, true)]     // hair: two fifths of the height above the box
    [InlineData(100, 150, true)]    // the chin
    [InlineData(30, 100, false)]
    [InlineData(190, 190, false)]
    public void Write_Face_LeavesNoDetailOfTheHead(int x, int y, bool isHidden)
    {
        using Frame frame = Checkerboard();
        blur.Write(frame, new FrameResult(0, TimeSpan.Zero, [Face]));

        // Averages of a one-pixel checkerboard are all gray.
        Assert.Equal(isHidden, Contrast(frame, x, y) < 20);
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(1.1, false)]
    public void Write_FaceLost_StaysHiddenForASecond(double seconds, bool isHidden)
    {
        using Frame before = Checkerboard();
        using Frame after = Checkerboard();
        blur.Write(before, new FrameResult(0, TimeSpan.Zero, [Face]));
        blur.Write(after, new FrameResult(0, TimeSpan.FromSeconds(seconds), []));

        Assert.Equal(isHidden, Contrast(after, 100, 100) < 20);
    }

    [Theory]
    [InlineData(-40, -40)]
    [InlineData(180, 150)]
    [InlineData(500, 500)]
    public void Write_FaceOverTheEdge_HidesWhatIsInside(int x, int y)
    {
        using Frame frame = Checkerboard();
        blur.Write(frame, new FrameResult(0, TimeSpan.Zero, [Face with { Box = new Box(x, y, 80, 80) }]));

        Assert.Equal(x < 200, Contrast(frame, Math.Clamp(x + 40, 10, 190), Math.Clamp(y + 40, 10, 190)) < 20);
    }

    [Fact]
    public void Write_SuspectedFace_IsHiddenInThatFrameAlone()
    {
        using Frame frame = Checkerboard();
        using Frame next = Checkerboard();
        blur.Write(frame, new FrameResult(0, TimeSpan.Zero, [], Suspected: [Face.Box]));
        blur.Write(next, new FrameResult(1, TimeSpan.FromSeconds(0.04), []));

        Assert.True(Contrast(frame, 100, 100) < 20);
        Assert.False(Contrast(next, 100, 100) < 20);
    }

    private static Frame Checkerboard()
    {
        var pixels = new byte[200 * 200 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(((i / 3 % 200) + (i / 600)) % 2 * 255);
        }

        return Frame.FromPixels(new ImageView(pixels, 200, 200, PixelFormat.Bgr24));
    }

    private static int Contrast(Frame frame, int x, int y)
    {
        ImageView view = frame.View;
        ReadOnlySpan<byte> row = view.Pixels.Slice((y * view.Stride) + (3 * (x - 2)), 12);
        return Math.Abs(row[0] - row[3]) + Math.Abs(row[3] - row[6]) + Math.Abs(row[6] - row[9]);
    }
}
