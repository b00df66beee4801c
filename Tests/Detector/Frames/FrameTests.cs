using MlNetEmotion.Detector.Frames;
using OpenCvSharp;
using Xunit;

namespace MlNetEmotion.Tests.Detector.Frames;

public sealed class FrameTests
{
    [Fact]
    public void ResizeTo_AreaAtHalf_AveragesFourPixels()
    {
        using Frame source = Gray([0, 100, 10, 20, 100, 200, 30, 40], 4, 2);
        using var half = new Frame();
        source.ResizeTo(half, 2, 1, InterpolationFlags.Area);

        Assert.Equal<byte>([100, 25], half.View.Pixels.ToArray());
    }

    [Fact]
    public void Clear_Frame_IsEmptyAndMayBeWrittenToAgain()
    {
        using Frame frame = Gray([1, 2, 3, 4, 5, 6], 3, 2);
        using Frame source = Gray([7, 8], 2, 1);

        frame.Clear();
        (int width, int height) = (frame.Width, frame.Height);
        source.MirrorTo(frame);    // through the frame's own proxies

        Assert.Equal((0, 0), (width, height));
        Assert.Equal<byte>([8, 7], frame.View.Pixels.ToArray());
    }

    [Fact]
    public void PadTo_OddRoom_PutsTheImageInTheMiddle()
    {
        using Frame source = Gray([7], 1, 1);
        using var padded = new Frame();
        source.PadTo(padded, 4, 3);

        Assert.Equal<byte>([0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0], padded.View.Pixels.ToArray());
    }

    [Fact]
    public void PadTo_LessThanTheImage_Throws()
    {
        using Frame source = Gray([1, 2, 3, 4], 2, 2);
        using var padded = new Frame();

        Assert.Throws<OpenCVException>(() => source.PadTo(padded, 1, 1));
    }

    [Fact]
    public void Paste_PartOfAnother_LeavesTheRest()
    {
        using Frame target = Gray(new byte[9], 3, 3);
        using Frame source = Gray([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3);
        target.Paste(source.Part(new Box(1, 1, 2, 2)), 0, 1);

        Assert.Equal<byte>([0, 0, 0, 5, 6, 0, 8, 9, 0], target.View.Pixels.ToArray());
    }

    [Theory]
    [InlineData(-1, -1, 2, 3, 0, 0, 1, 2)]
    [InlineData(2, 1, 9, 9, 2, 1, 1, 2)]
    [InlineData(7, 0, 2, 2, 0, 0, 0, 0)]
    public void Clip_OverTheEdge_IsWhatLiesWithin(int x, int y, int width, int height, int left, int top, int across, int down)
    {
        using Frame frame = Gray(new byte[9], 3, 3);

        Assert.Equal(new Box(left, top, across, down), frame.Clip(new Box(x, y, width, height)));
    }

    [Fact]
    public void View_EmptyFrame_Throws()
    {
        using var frame = new Frame();

        Assert.Throws<InvalidOperationException>(() => frame.View.Width);
    }

    [Theory]
    [InlineData("Unable to load shared library 'OpenCvSharpExtern' or one of its dependencies.\nlibgtk-3.so.0: cannot open shared object file: No such file or directory\n/app/OpenCvSharpExtern.so: cannot open shared object file", "libgtk-3.so.0, which is not installed: install the package libgtk-3-0")]
    [InlineData("libdrm.so.2: cannot open shared object file: No such file or directory", "libdrm.so.2, which is not installed: install the package libdrm2")]
    public void Explain_MissingLibrary_NamesItsPackage(string message, string expected) =>
        Assert.Contains(expected, OpenCvLibrary.Explain(message), StringComparison.Ordinal);

    [Theory]
    [InlineData("linux-musl-x64", "OpenCV cannot be loaded on linux-musl-x64: it is built for glibc, and this system has musl")]
    [InlineData("win-x64", "Windows N and Windows Server need the Media Feature Pack (Media Foundation), too. Unable to load DLL 'OpenCvSharpExtern'")]
    public void Explain_OtherSystem_NamesItsUsualCause(string runtime, string expected) => Assert.Contains(
        expected, OpenCvLibrary.Explain("Unable to load DLL 'OpenCvSharpExtern' or one of its dependencies", runtime), StringComparison.Ordinal);

    private static Frame Gray(byte[] pixels, int width, int height) => Frame.FromPixels(new ImageView(pixels, width, height, PixelFormat.Gray8));
}
