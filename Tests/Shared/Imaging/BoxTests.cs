using Xunit;

namespace MlNetEmotion.Tests.Shared.Imaging;

public sealed class BoxTests
{
    [Theory]
    [InlineData(0, 0, 10, 10, 1.0)] // itself
    [InlineData(5, 0, 10, 10, 1 / 3.0)] // 50 of 150
    [InlineData(2, 2, 5, 5, 0.25)] // inside: 25 of 100
    [InlineData(10, 0, 10, 10, 0.0)] // touching
    [InlineData(20, 20, 10, 10, 0.0)] // apart
    [InlineData(int.MaxValue - 5, 0, 10, 10, 0.0)] // past the end of int
    public void Iou_OfTwoBoxes_IsTheSameBothWays(int x, int y, int width, int height, double expected)
    {
        var box = new Box(0, 0, 10, 10);
        var other = new Box(x, y, width, height);

        Assert.Equal(expected, box.Iou(other), 1e-12);
        Assert.Equal(expected, other.Iou(box), 1e-12);
    }

    [Theory]
    [InlineData(99, 49, true)]
    [InlineData(-9, -9, true)]
    [InlineData(100, 0, false)]
    [InlineData(0, -10, false)]
    [InlineData(int.MaxValue, 0, false)]
    public void Overlaps_Image_IsWhetherAnyPixelIsIn(int x, int y, bool expected) => Assert.Equal(expected, new Box(x, y, 10, 10).Overlaps(100, 50));

    [Theory]
    [InlineData(10, 20, 30, 25, 10, 20, 30, 25)]
    [InlineData(-5, -6, 30, 40, 0, 0, 25, 34)]
    [InlineData(90, 40, 30, 40, 90, 40, 10, 10)]
    [InlineData(200, 200, 10, 10, 99, 49, 1, 1)]
    [InlineData(-50, 10, 20, 20, 0, 10, 1, 20)]
    public void Within_Image_IsThePartInside(int x, int y, int width, int height, int left, int top, int insideWidth, int insideHeight) =>
        Assert.Equal(new Box(left, top, insideWidth, insideHeight), new Box(x, y, width, height).Within(100, 50));
}
